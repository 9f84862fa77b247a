// The offline bundle: images, templates and documents in one archive, for a site without a network.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "./image.mjs";

/// The files and folders of the repository that go into the bundle, as far as they are there.
const INCLUDED = [
  "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "README.zh-CN.md", "SECURITY.md", "deploy", "docs", "openshift",
  "openshift-template.yaml",
];

/// The checksums of `files`, an object of contents by name, as `sha256sum --check` reads them.
export function sums(files) {
  return Object.keys(files).sort().map((name) => `${sha256(files[name])}  ${name}\n`).join("");
}

/// The entries of the bundle `name`, all in a folder of that name. `texts` and `archives` are the other files of the release.
export function bundleEntries({ top, name, version, texts, archives }) {
  const tracked = execFileSync("git", ["ls-files", "--stage", "-z", "--", ...INCLUDED], { cwd: top, encoding: "utf8", maxBuffer: 1 << 26 });
  const executables = new Set(["install.sh"]);
  const files = { "install.sh": readFileSync(join(top, "release/install.sh")), VERSION: Buffer.from(`${version}\n`) };
  for (const row of tracked.split("\0").filter(Boolean)) {
    const [mode, , , path] = row.split(/[ \t]/);
    if (mode === "100755") executables.add(path);
    files[path] = readFileSync(join(top, path));
  }
  for (const [file, content] of Object.entries(texts)) files[file] = Buffer.from(content);
  for (const [file, content] of Object.entries(archives)) files[`images/${file}`] = content;
  files.SHA256SUMS = Buffer.from(sums(files));
  return Object.entries(files).map(([path, content]) => ({ path: `${name}/${path}`, content, mode: executables.has(path) ? 0o755 : 0o644 }));
}
