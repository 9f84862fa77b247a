// Makes container images as files: the layout of the OCI image specification, and the archive that `docker load` reads.

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { tar } from "./tar.mjs";

const TYPE = "application/vnd.oci.image";

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/// JSON as it is stored: the digest of an image is that of these bytes.
const json = (value) => Buffer.from(JSON.stringify(value));

/// One layer: its archive, and the digest of the archive before it was compressed.
///
/// The bytes of `compressed` depend on zlib, and so on the version of Node.js. `diffId` does not.
export function layer(entries, epoch) {
  const archive = tar(entries, epoch);
  return { archive, compressed: gzipSync(archive, { level: 9 }), mediaType: `${TYPE}.layer.v1.tar+gzip`, diffId: `sha256:${sha256(archive)}` };
}

/// The configuration of an image: what it runs, its labels and its layers. `base` is the configuration of the image that the layers
/// are on top of, if any.
export function configuration({ architecture, labels, layers, epoch, base }) {
  const created = `${new Date(epoch * 1000).toISOString().slice(0, 19)}Z`;
  const added = layers.map(({ diffId, comment }) => ({ diffId, history: { created, created_by: "make release", comment } }));
  return {
    architecture,
    os: "linux",
    created,
    config: {
      // Any other user works as well: OpenShift chooses one. Nothing is written, so the root can be read-only.
      User: "1001",
      // Console (TLS, and plain HTTP for probes); metrics.
      ExposedPorts: { "9090/tcp": {}, "9091/tcp": {} },
      Env: base?.config?.Env ?? ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      Entrypoint: ["/usr/bin/registry-console"],
      Cmd: ["serve"],
      WorkingDir: "/",
      Labels: { ...base?.config?.Labels, ...labels },
      StopSignal: "SIGTERM",
    },
    rootfs: { type: "layers", diff_ids: [...(base?.rootfs.diff_ids ?? []), ...added.map(({ diffId }) => diffId)] },
    history: [...(base?.history ?? []), ...added.map(({ history }) => history)],
  };
}

/// One image of a layout: its manifest, and the blobs that the manifest names. The layers of the base come first.
export function image(config, layers, { baseLayers = [], annotations = {} } = {}) {
  const blobs = new Map();
  const add = (bytes, mediaType) => {
    const digest = `sha256:${sha256(bytes)}`;
    blobs.set(digest, bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const configDescriptor = add(json(config), `${TYPE}.config.v1+json`);
  const descriptors = [...baseLayers, ...layers].map(({ compressed, mediaType }) => add(compressed, mediaType));
  const manifest = { schemaVersion: 2, mediaType: `${TYPE}.manifest.v1+json`, config: configDescriptor, layers: descriptors, annotations };
  const { architecture, os } = config;
  const descriptor = { ...add(json(manifest), manifest.mediaType), platform: { architecture, os } };
  return { config, descriptor, blobs, layers: [...baseLayers, ...layers] };
}

/// The entries of an image layout with one index over `images`, under the tag `tag`. The layout of an OCI archive is the same, in a
/// tar archive.
export function layout(images, { tag, annotations = {} }) {
  const index = json({ schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests: images.map(({ descriptor }) => descriptor), annotations });
  const digest = `sha256:${sha256(index)}`;
  const blobs = new Map([[digest, index], ...images.flatMap((each) => [...each.blobs])]);
  const top = {
    schemaVersion: 2,
    mediaType: `${TYPE}.index.v1+json`,
    manifests: [{ mediaType: `${TYPE}.index.v1+json`, digest, size: index.length, annotations: { "org.opencontainers.image.ref.name": tag } }],
  };
  return {
    digest,
    entries: [
      { path: "oci-layout", content: json({ imageLayoutVersion: "1.0.0" }) },
      { path: "index.json", content: json(top) },
      ...[...blobs].map(([name, content]) => ({ path: `blobs/${name.replace(":", "/")}`, content })),
    ],
  };
}

/// The archive that `docker load` reads since Docker 1.10. Docker compresses the layers again when it pushes them: the digest in the
/// registry is then not the one of the layout.
export function dockerArchive({ config, layers }, tags) {
  const bytes = json(config);
  const name = `${sha256(bytes)}.json`;
  const files = layers.map(({ archive, diffId }) => ({ path: `${diffId.replace("sha256:", "")}.tar`, content: archive }));
  const manifest = [{ Config: name, RepoTags: tags, Layers: files.map(({ path }) => path) }];
  return tar([{ path: "manifest.json", content: json(manifest) }, { path: name, content: bytes }, ...files]);
}
