// Writes the licenses of all code of others that is a part of the program.
//
//   cargo metadata --format-version 1 --locked --filter-platform TARGET | node release/notices.mjs > THIRD-PARTY-NOTICES.txt

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crates, licenseTexts, npmPackages } from "./components.mjs";

const RULE = `${"=".repeat(100)}\n`;
const top = fileURLToPath(new URL("..", import.meta.url));
/// The texts for packages that come without one, as far as Apache-2.0 is not one of their licenses: that is the file LICENSE.
const STANDARD_TEXTS = ["MIT", "BSD-3-Clause"];

/// The notices of `components`. Each text stands there once, after the names of all that have it. Fails on a license that neither a
/// package nor this repository has the text of.
export function notices(components) {
  const shared = new Map();
  const without = [];
  for (const component of components.filter(({ isShipped, directory }) => isShipped && directory)) {
    const title = `${component.name} ${component.version} (${component.license ?? "license: see its text"})`;
    const texts = new Set(licenseTexts(component.directory));
    if (!texts.size) without.push({ ...component, title });
    for (const text of texts) shared.set(text, [...(shared.get(text) ?? []), title]);
  }
  for (const { title, name, license, authors } of without) {
    if (license?.includes("Apache-2.0")) continue;
    if (!STANDARD_TEXTS.includes(license)) throw new Error(`${title} has no text of its license, and release/licenses has none either`);
    const text = readFileSync(`${top}/release/licenses/${license}.txt`, "utf8").trim();
    shared.set(text, [...(shared.get(text) ?? []), `${title}: copyright ${authors?.length ? authors.join(", ") : `the authors of ${name}`}`]);
  }
  const apache = without.filter(({ license }) => license?.includes("Apache-2.0"));
  return [
    "registry-console contains code of the following projects, and of the Rust standard library (MIT OR Apache-2.0, copyright the Rust\n",
    "Project contributors). The licenses of the Debian packages of the image are in /usr/share/doc/ of the image.\n\n",
    ...(apache.length ? ["Apache License 2.0, whose text is in the file LICENSE:\n\n", ...apache.map(({ title }) => `  ${title}\n`), "\n"] : []),
    ...[...shared].map(([text, titles]) => `${RULE}${titles.map((title) => `${title}\n`).join("")}${RULE}\n${text}\n\n`),
  ].join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const linked = crates(JSON.parse(readFileSync(0, "utf8")), readFileSync(`${top}/Cargo.lock`, "utf8")).crates;
  const packages = npmPackages(JSON.parse(readFileSync(`${top}/package-lock.json`, "utf8")), top);
  process.stdout.write(notices([...linked, ...packages]));
}
