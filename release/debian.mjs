// The base of an image: the few files of Debian packages that the program and its commands need, without a package manager.

import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import { sha256 } from "./image.mjs";

/// What the template and the commands of the doctor run in a pod, besides the program: `sleep` before a pod stops, `sh` and `cat` to
/// compare the secret of the pod with the one of the OAuth client.
const COMMANDS = ["bin/cat", "bin/dash", "bin/sleep"];

/// The licenses that the copyright files of the packages refer to.
const COMMON_LICENSES = ["GPL-2", "GPL-3", "LGPL-2.1", "MPL-2.0"].map((name) => `usr/share/common-licenses/${name}`);

/// The rows of a lock file: `package architecture version sha256`, by Debian's names.
export function readLock(text) {
  return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
    const [name, architecture, version, digest] = line.split(/\s+/);
    return { name, architecture, version, digest };
  });
}

/// The packages of `lock` for `architecture`, from the folder `directory`. Fails on a package whose bytes are not the locked ones.
export function openPackages(lock, architecture, directory) {
  return lock.filter((row) => row.architecture === architecture || row.architecture === "all").map((row) => {
    // apt writes the colon of an epoch as %3a.
    const path = join(directory, `${row.name}_${row.version.replace(":", "%3a")}_${row.architecture}.deb`);
    const digest = sha256(readFileSync(path));
    if (digest !== row.digest) throw new Error(`${path} has the SHA-256 ${digest}, and not the one of the lock file, ${row.digest}`);
    return { ...row, path, control: execFileSync("dpkg-deb", ["--field", path], { encoding: "utf8" }) };
  });
}

/// The entries of the base for `program`: the commands above, the libraries that all of them need, the certificates of public authorities, and what
/// scanners read to know the packages.
export function baseEntries(packages, program) {
  return withPackages(packages, (root) => [
    ...withLibraries(root, COMMANDS, program),
    { path: "bin/sh", target: "dash" },
    { path: "etc/nsswitch.conf", content: Buffer.from("hosts: files dns\n") },
    { path: "etc/os-release", target: "../usr/lib/os-release" },
    certificates(root),
    file(root, "usr/lib/os-release"),
    ...COMMON_LICENSES.map((path) => file(root, path)),
    ...packages.flatMap(({ name, control }) => [copyright(root, name), { path: `var/lib/dpkg/status.d/${name}`, content: Buffer.from(control) }]),
  ]);
}

/// The certificates alone, for a base that is another image.
export function certificateEntries(packages) {
  return withPackages(packages.filter(({ name }) => name === "ca-certificates"), (root) => [certificates(root), copyright(root, "ca-certificates")]);
}

/// The certificate authorities of Mozilla's list, in one file, as update-ca-certificates makes it.
function certificates(root) {
  const directory = join(root, "usr/share/ca-certificates/mozilla");
  const content = Buffer.concat(readdirSync(directory).sort().map((name) => readFileSync(join(directory, name))));
  return { path: "etc/ssl/certs/ca-certificates.crt", content };
}

const copyright = (root, name) => file(root, `usr/share/doc/${name}/copyright`);

/// What `use` returns for a folder with the files of `packages`.
function withPackages(packages, use) {
  const root = mkdtempSync(join(tmpdir(), "base-"));
  try {
    for (const { path } of packages) execFileSync("dpkg-deb", ["--extract", path, root]);
    return use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/// The file at `path` below `root`, as an entry. Symbolic links are followed.
function file(root, path) {
  return { path, content: readFileSync(join(root, path)), mode: statSync(join(root, path)).mode & 0o777 };
}

/// `paths` and the libraries that they and `program` need: those in the folder of libc.so.6, and the interpreter of each program.
function withLibraries(root, paths, program) {
  const libraries = dirname(find(root, "libc.so.6"));
  const entries = new Map();
  const add = (path) => {
    if (entries.has(path)) return;
    if (lstatSync(join(root, path)).isSymbolicLink()) {
      const target = readlinkSync(join(root, path));
      entries.set(path, { path, target });
      add(target.startsWith("/") ? target.slice(1) : posix.join(dirname(path), target));
      return;
    }
    entries.set(path, file(root, path));
    needs(join(root, path));
  };
  const needs = (path) => {
    const { interpreter, needed } = readElf(path);
    if (interpreter) add(interpreter.slice(1));
    // The interpreter is a library as well, elsewhere.
    needed.filter((name) => !name.startsWith("ld-linux") && !name.startsWith("ld64")).forEach((name) => add(posix.join(libraries, name)));
  };
  needs(program);
  paths.forEach(add);
  return [...entries.values()];
}

function find(root, name) {
  const path = readdirSync(join(root, "lib"), { recursive: true }).find((each) => posix.basename(each) === name);
  if (!path) throw new Error(`none of the packages has ${name}`);
  return posix.join("lib", path);
}

/// The interpreter of an ELF file and the libraries that it needs, of any architecture; of another file, none.
function readElf(path) {
  const text = execFileSync("readelf", ["--wide", "--program-headers", "--dynamic", path], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return {
    interpreter: /\[Requesting program interpreter: (.*)\]/.exec(text)?.[1],
    needed: [...text.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name]) => name),
  };
}
