// What a release needs, in small: a program of a few kilobytes for two architectures, and packages that hold next to nothing.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { sha256 } from "../../release/image.mjs";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const ARCHES = ["amd64", "arm64"];
export const COMMON_LICENSES = ["GPL-2", "GPL-3", "LGPL-2.1", "MPL-2.0"];
/// Where the header of an ELF file has its machine, and the numbers of the machines.
const MACHINE_AT = 18;
const MACHINES = { amd64: 62, arm64: 183 };

const run = (command, args) => execFileSync(command, args, { encoding: "utf8" });

/// A folder with programs, packages and their lock file. `remove` deletes it.
export function makeFixture() {
  const directory = mkdtempSync(join(tmpdir(), "release-test-"));
  const at = (...parts) => join(directory, ...parts);
  writeFileSync(at("program.c"), '#include <stdio.h>\nint main(void) { puts("a program"); return 0; }\n');
  run("cc", ["-o", at("program"), at("program.c")]);
  const programs = Object.fromEntries(ARCHES.map((architecture) => {
    const content = readFileSync(at("program"));
    content.writeUInt16LE(MACHINES[architecture], MACHINE_AT);
    writeFileSync(at(`program-${architecture}`), content, { mode: 0o755 });
    return [architecture, at(`program-${architecture}`)];
  }));
  mkdirSync(at("packages"));
  const rows = ARCHES.flatMap((architecture) => packages(at("program")).map(({ name, files, links = {} }) => makePackage(directory, {
    name, files, links, architecture: name === "ca-certificates" ? "all" : architecture,
  })));
  writeFileSync(at("debian.lock"), `# A comment.\n${[...new Set(rows)].join("\n")}\n`);
  return { directory, at, programs, remove: () => rmSync(directory, { recursive: true }) };
}

/// The packages, with the C library of this machine: the libraries of `program` and its interpreter.
function packages(program) {
  const [, interpreter] = /program interpreter: (.*)\]/.exec(run("readelf", ["--wide", "--program-headers", program]));
  const library = realpathSync(/libc\.so\.6 => (\S+)/.exec(run("ldd", [program]))[1]);
  const loader = realpathSync(interpreter);
  return [
    {
      name: "base-files",
      files: {
        "usr/lib/os-release": Buffer.from('ID=debian\nVERSION_ID="12"\n'),
        ...Object.fromEntries(COMMON_LICENSES.map((license) => [`usr/share/common-licenses/${license}`, Buffer.from(`${license}\n`)])),
      },
    },
    { name: "ca-certificates", files: { "usr/share/ca-certificates/mozilla/B.crt": Buffer.from("second\n"), "usr/share/ca-certificates/mozilla/A.crt": Buffer.from("first\n") } },
    { name: "coreutils", files: { "bin/cat": readFileSync(program), "bin/sleep": readFileSync(program), "bin/ls": Buffer.from("not needed\n") } },
    { name: "dash", files: { "bin/dash": readFileSync(program) } },
    {
      name: "libc6",
      files: { "lib/machine/libc.so.6": readFileSync(library), "lib/machine/loader.so": readFileSync(loader), "lib/machine/libresolv.so.2": Buffer.from("not needed\n") },
      links: { [interpreter.slice(1)]: "/lib/machine/loader.so" },
    },
    { name: "gcc-12-base", files: {} },
    { name: "libgcc-s1", files: {} },
  ];
}

/// Builds a package in `packages/`, and returns its row of the lock file.
function makePackage(directory, { name, files, links, architecture }) {
  const root = join(directory, "root");
  rmSync(root, { recursive: true, force: true });
  const all = { ...files, [`usr/share/doc/${name}/copyright`]: Buffer.from(`The license of ${name}.\n`) };
  all["DEBIAN/control"] = Buffer.from(`Package: ${name}\nVersion: 1:2.0-1\nArchitecture: ${architecture}\nMaintainer: Nobody <nobody@example.com>\nDescription: a test\n`);
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode: path.startsWith("bin/") ? 0o755 : 0o644 });
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    symlinkSync(target, join(root, path));
  }
  const path = join(directory, "packages", `${name}_1%3a2.0-1_${architecture}.deb`);
  // Built once: a package has the time at which it is built.
  if (!readdirSync(dirname(path)).includes(path.split("/").pop())) run("dpkg-deb", ["--root-owner-group", "-Znone", "--build", root, path]);
  return `${name} ${architecture} 1:2.0-1 ${sha256(readFileSync(path))}`;
}

/// Makes a release from `fixture` in its folder `out`, and returns that folder. `settings` are environment variables.
export function makeRelease(fixture, out, settings = {}) {
  const programs = Object.fromEntries(Object.entries(fixture.programs).map(([architecture, path]) => [`PROGRAM_${architecture}`, path]));
  const env = {
    ...process.env, ...programs, ARCHES: ARCHES.join(" "), OUT: fixture.at(out), PACKAGES: fixture.at("packages"), LOCK: fixture.at("debian.lock"), COMMIT,
    SOURCE_URL: "https://example.com/registry-console", ...settings,
  };
  execFileSync("node", [new URL("../../release/release.mjs", import.meta.url).pathname], { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return fixture.at(out);
}

/// A copy of `path` with one bit of its last byte turned.
export function turnLastBit(path) {
  const content = readFileSync(path);
  content[content.length - 1] ^= 1;
  copyFileSync(path, `${path}-turned`);
  writeFileSync(`${path}-turned`, content, { mode: 0o755 });
  return `${path}-turned`;
}
