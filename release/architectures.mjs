// The architectures of a release, and the names that others have for them.

import { execFileSync } from "node:child_process";

/// By the name that images have: the name of Debian, the target of Rust, and what `readelf` calls the machine.
export const ARCHITECTURES = {
  amd64: { debian: "amd64", target: "x86_64-unknown-linux-gnu", machine: "Advanced Micro Devices X86-64" },
  arm64: { debian: "arm64", target: "aarch64-unknown-linux-gnu", machine: "AArch64" },
  ppc64le: { debian: "ppc64el", target: "powerpc64le-unknown-linux-gnu", machine: "PowerPC64" },
  s390x: { debian: "s390x", target: "s390x-unknown-linux-gnu", machine: "IBM S/390" },
};

/// The C library of UBI 9. That of Debian 12 is newer.
const NEWEST_GLIBC = [2, 34];

/// Fails if `program` is for another machine than `architecture`, or needs a newer C library than a base has.
export function checkProgram(program, architecture) {
  const text = execFileSync("readelf", ["--wide", "--file-header", "--version-info", program], { encoding: "utf8" });
  const machine = /Machine:\s+(.*)/.exec(text)?.[1].trim();
  if (machine !== ARCHITECTURES[architecture].machine) throw new Error(`${program} is for ${machine}, not for ${architecture}`);
  for (const [version, major, minor] of text.matchAll(/GLIBC_(\d+)\.(\d+)/g)) {
    const isNewer = Number(major) > NEWEST_GLIBC[0] || (Number(major) === NEWEST_GLIBC[0] && Number(minor) > NEWEST_GLIBC[1]);
    if (isNewer) throw new Error(`${program} needs ${version}, but the bases have ${NEWEST_GLIBC.join(".")}`);
  }
}
