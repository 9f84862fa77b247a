# Built without a network other than the package registries, and reproducibly: locked dependencies,
# fixed paths, no dates.
# For the same bytes everywhere: podman build --timestamp 0 … or docker buildx build --output …,rewrite-timestamp=true …

ARG NODE_IMAGE=node:20-bookworm-slim
ARG RUST_IMAGE=rust:1.95-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

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
ENV CARGO_INCREMENTAL=0 \
    CARGO_TERM_COLOR=never \
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH}
WORKDIR /console
# All crates of the workspace: cargo reads the manifest of each, and compiles those that the program
# uses.
COPY . .
COPY --from=front-end /console/static/build static/build
# The allocator is built for a page size; kernels on these machines have pages of up to 64 KiB.
RUN case "$(uname -m)" in aarch64|ppc64le) export JEMALLOC_SYS_WITH_LG_PAGE=16 ;; esac \
 && cargo build --release --locked --bin registry-console
# Everything that the image adds to its base. The certificates are for OAuth servers with a
# certificate of a public authority.
RUN install -D --mode=0755 target/release/registry-console /image/usr/bin/registry-console \
 && install -D --mode=0644 LICENSE /image/usr/share/doc/registry-console/LICENSE \
 && install -D --mode=0644 /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt \
 && find /image -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM ${RUNTIME_IMAGE}
# As in Cargo.toml, which a test compares; `make image` passes it.
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="registry-console" \
      org.opencontainers.image.description="Web console of OpenShift's integrated image registry" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
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
