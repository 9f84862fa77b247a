# Built without a network other than the package registries, and reproducibly: locked dependencies,
# fixed paths, no dates. `make release` makes images without a container engine; this is for others.
# For the same bytes everywhere: podman build --timestamp 0 … or docker buildx build --output …,rewrite-timestamp=true …

# Each image by its digest; the tag says what it is. docs/releasing.md says when they are replaced.
ARG NODE_IMAGE=docker.io/library/node:22.23.3-bookworm-slim@sha256:43ac6c60b8f89723f746e8a92ce91abd5017e627ce1ddfe4238355d3a30b772c
ARG RUST_IMAGE=docker.io/library/rust:1.95-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1
ARG DEBIAN_SLIM=docker.io/library/debian:bookworm-20260824-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171
ARG UBI9_MICRO=registry.access.redhat.com/ubi9/ubi-micro:9.8-1786321990@sha256:7e7f79ab747bf2b452e3043dd89f388e92be4c7fdcc8b815b58adf6c99c39c95
# debian-slim, ubi9-micro, or any image with a C library of 2.34 or newer.
ARG RUNTIME_IMAGE=debian-slim

FROM ${NODE_IMAGE} AS front-end
WORKDIR /console
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY front front
COPY templates templates
COPY static static
COPY src src
RUN npm run build

FROM ${RUST_IMAGE} AS program
ARG SOURCE_DATE_EPOCH=0
ARG COMMIT=unknown
ENV CARGO_INCREMENTAL=0 \
    CARGO_TERM_COLOR=never \
    REGISTRY_CONSOLE_COMMIT=${COMMIT} \
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
WORKDIR /console
# All crates of the workspace: cargo reads the manifest of each, and compiles those that the program
# uses.
COPY . .
COPY --from=front-end /console/static/build static/build
# The allocator is built for a page size; kernels on these machines have pages of up to 64 KiB.
RUN case "$(uname -m)" in aarch64|ppc64le) export JEMALLOC_SYS_WITH_LG_PAGE=16 ;; esac \
 && cargo build --release --locked --bin registry-console
COPY --from=front-end /usr/local/bin/node /usr/local/bin/node
COPY --from=front-end /console/node_modules/@patternfly node_modules/@patternfly
RUN cargo metadata --format-version 1 --locked --filter-platform "$(rustc --print host-tuple)" | node release/notices.mjs > THIRD-PARTY-NOTICES.txt
# Everything that the image adds to its base. The certificates are for OAuth servers with a
# certificate of a public authority; UBI 9 micro has none.
RUN install -D --mode=0755 target/release/registry-console /image/usr/bin/registry-console \
 && install -D --mode=0644 --target-directory=/image/licenses LICENSE THIRD-PARTY-NOTICES.txt \
 && install -D --mode=0644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
 && find /image -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM ${DEBIAN_SLIM} AS debian-slim
FROM ${UBI9_MICRO} AS ubi9-micro

FROM ${RUNTIME_IMAGE}
# As in Cargo.toml, which a test compares; `make image` passes it.
ARG VERSION=0.1.0
ARG RELEASE=1
ARG COMMIT=unknown
ARG VENDOR="registry-console authors"
ARG SOURCE_URL=
# The labels of release/labels.mjs, which a test compares.
LABEL name="registry-console" \
      vendor="${VENDOR}" \
      maintainer="${VENDOR}" \
      version="${VERSION}" \
      release="${RELEASE}" \
      summary="Web console of OpenShift's integrated image registry" \
      description="Lists, explains and changes image streams, tags, images and the rights to them, with the rights of the user who is signed in." \
      url="${SOURCE_URL}" \
      vcs-ref="${COMMIT}" \
      org.opencontainers.image.title="registry-console" \
      org.opencontainers.image.description="Web console of OpenShift's integrated image registry" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.vendor="${VENDOR}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="${SOURCE_URL}" \
      org.opencontainers.image.revision="${COMMIT}" \
      io.k8s.display-name="Registry console" \
      io.k8s.description="Web console of OpenShift's integrated image registry" \
      io.openshift.expose-services="9090:https" \
      io.openshift.tags="registry,console"
COPY --from=program /image/ /
# Any other user works as well: OpenShift chooses one. Nothing is written, so the root can be
# read-only.
USER 1001
# Console (TLS, and plain HTTP for probes); metrics.
EXPOSE 9090 9091
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/registry-console"]
CMD ["serve"]
