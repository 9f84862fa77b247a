// What a release is made of: the crates that are linked into the program, the npm packages, and the Debian packages of the base.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

/// What a component is for: it is a part of the image, or only a tool of the build and the tests.
///
/// @typedef {{ kind: "cargo" | "npm" | "deb", name: string, version: string, license?: string, authors?: string[], purl: string, isShipped: boolean,
///   hash?: { algorithm: "SHA-256" | "SHA-512", hex: string }, dependencies: string[], directory?: string }} Component

/// The npm packages whose files are embedded into the program. All others only build and test it.
const EMBEDDED = new Set(["@patternfly/patternfly"]);

/// The crates that the program is linked from, with `registry-console` itself as `root`: from the answer of `cargo metadata`, and the
/// checksums of Cargo.lock. `dependencies` holds package URLs.
export function crates(metadata, cargoLock) {
  const packages = new Map(metadata.packages.map((each) => [each.id, each]));
  const nodes = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
  const root = metadata.packages.find(({ name, source }) => name === "registry-console" && !source);
  const checksums = checksumsOf(cargoLock);
  const linked = new Map();
  const visit = (id) => {
    if (linked.has(id)) return;
    const { name, version, license, authors, source, manifest_path: manifest } = packages.get(id);
    const needed = nodes.get(id).deps.filter(({ dep_kinds: kinds }) => kinds.some(({ kind }) => kind === null)).map(({ pkg }) => pkg);
    const checksum = checksums.get(`${name} ${version}`);
    linked.set(id, {
      kind: "cargo",
      name,
      version,
      authors,
      // Older crates write a slash where SPDX has the word.
      license: license?.replaceAll("/", " OR "),
      purl: purl("cargo", name, version),
      isShipped: true,
      hash: checksum && { algorithm: "SHA-256", hex: checksum },
      dependencies: needed.map((each) => purl("cargo", packages.get(each).name, packages.get(each).version)).sort(),
      // The crates of this repository have its license.
      directory: source ? dirname(manifest) : undefined,
    });
    needed.forEach(visit);
  };
  visit(root.id);
  const { [root.id]: first, ...others } = Object.fromEntries(linked);
  return { root: first, crates: Object.values(others).sort(byUrl) };
}

function checksumsOf(cargoLock) {
  const table = new Map();
  for (const block of cargoLock.split("[[package]]")) {
    const value = (key) => new RegExp(`^${key} = "(.*)"$`, "m").exec(block)?.[1];
    if (value("checksum")) table.set(`${value("name")} ${value("version")}`, value("checksum"));
  }
  return table;
}

/// The packages of package-lock.json, which stands in the folder `top`.
export function npmPackages(packageLock, top) {
  const rows = Object.entries(packageLock.packages).filter(([path]) => path);
  return rows.map(([path, { version, license, integrity }]) => {
    const name = path.split("node_modules/").pop();
    return {
      kind: "npm",
      name,
      version,
      license,
      purl: purl("npm", name.replace("@", "%40"), version),
      isShipped: EMBEDDED.has(name),
      hash: integrity?.startsWith("sha512-") ? { algorithm: "SHA-512", hex: Buffer.from(integrity.slice(7), "base64").toString("hex") } : undefined,
      dependencies: [],
      directory: join(top, path),
    };
  }).sort(byUrl);
}

/// The packages of a lock file of Debian packages, as `readLock` returns them.
export function debianPackages(lock) {
  return lock.map(({ name, architecture, version, digest }) => ({
    kind: "deb",
    name,
    version,
    purl: `${purl("deb/debian", name, version)}?arch=${architecture}&distro=debian-12`,
    isShipped: true,
    hash: { algorithm: "SHA-256", hex: digest },
    dependencies: [],
  })).sort(byUrl);
}

function purl(type, name, version) {
  return `pkg:${type}/${name}@${encodeURIComponent(version)}`;
}

function byUrl(a, b) {
  return a.purl < b.purl ? -1 : 1;
}

const LICENSE_FILE = /^(licen[cs]e|copying|notice|copyright|unlicense)([-._].*)?$/i;
/// Where crates with code of others keep its license: for example jemalloc/COPYING.
const LICENSE_DEPTH = 3;

/// The license texts in `directory`, as an array of strings, in the order of their paths.
export function licenseTexts(directory, depth = LICENSE_DEPTH) {
  if (!existsSync(directory)) return [];
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isFile() && LICENSE_FILE.test(entry.name) && !/\.(rs|[ch]|js|json|html)$/.test(entry.name)) return [readFileSync(path, "utf8").trim()];
    return entry.isDirectory() && depth > 1 && entry.name !== "node_modules" ? licenseTexts(path, depth - 1) : [];
  });
}
