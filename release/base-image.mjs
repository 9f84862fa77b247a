// The base of an image where it is another image, such as UBI 9 micro.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sha256 } from "./image.mjs";

/// Fetches the image `reference` (of skopeo, such as docker://registry.example.com/ubi9/ubi-micro@sha256:…) for `architecture` into
/// the folder `directory`, and reads it.
export function fetchBase(reference, architecture, directory) {
  execFileSync("skopeo", ["copy", "--quiet", "--override-os", "linux", "--override-arch", architecture, reference, `oci:${directory}:base`]);
  return readBase(directory, architecture);
}

/// The configuration and the layers of the one image of the layout in `directory`.
function readBase(directory, architecture) {
  const blob = (digest) => {
    const bytes = readFileSync(join(directory, "blobs", digest.replace(":", "/")));
    if (`sha256:${sha256(bytes)}` !== digest) throw new Error(`the content of ${digest} in ${directory} is another one`);
    return bytes;
  };
  const index = JSON.parse(readFileSync(join(directory, "index.json"), "utf8"));
  const manifest = JSON.parse(blob(index.manifests[0].digest));
  const config = JSON.parse(blob(manifest.config.digest));
  if (config.architecture !== architecture) throw new Error(`the base is for ${config.architecture}, not for ${architecture}`);
  const layers = manifest.layers.map(({ digest, mediaType }, at) => {
    const compressed = blob(digest);
    return { compressed, mediaType, archive: mediaType.endsWith("+gzip") ? gunzipSync(compressed) : compressed, diffId: config.rootfs.diff_ids[at] };
  });
  return { config, layers };
}
