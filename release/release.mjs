// Makes everything that a release consists of, in the folder OUT: see docs/releasing.md. Needs no container engine.
//
//   make release [ARCHES='amd64 arm64'] [PROGRAM_amd64=PATH] [BASE=debian|ubi9-micro|IMAGE]

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ARCHITECTURES, checkProgram } from "./architectures.mjs";
import { fetchBase } from "./base-image.mjs";
import { bundleEntries, sums } from "./bundle.mjs";
import { crates, debianPackages, npmPackages } from "./components.mjs";
import { baseEntries, certificateEntries, openPackages, readLock } from "./debian.mjs";
import { configuration, dockerArchive, image, layer, layout } from "./image.mjs";
import { labels } from "./labels.mjs";
import { notices } from "./notices.mjs";
import { cycloneDx, spdx } from "./sbom.mjs";
import { tar } from "./tar.mjs";

process.on("uncaughtException", ({ message }) => {
  console.error(`release: ${message}`);
  process.exit(1);
});

const top = fileURLToPath(new URL("..", import.meta.url));
const read = (path) => readFileSync(join(top, path), "utf8");
const run = (command, args, options) => execFileSync(command, args, { cwd: top, encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "inherit"], ...options });
const word = (name, otherwise) => process.env[name] || otherwise;

const version = /^version = "(.*)"$/m.exec(read("Cargo.toml"))[1];
const isDirty = () => run("git", ["status", "--porcelain"]) !== "";
const commit = word("COMMIT") ?? `${run("git", ["rev-parse", "HEAD"]).trim()}${isDirty() ? "-dirty" : ""}`;
const settings = {
  out: word("OUT", join(top, "dist")),
  arches: word("ARCHES", Object.keys(ARCHITECTURES).join(" ")).split(" "),
  base: word("BASE", "debian"),
  lock: word("LOCK", join(top, "release/debian.lock")),
  packages: word("PACKAGES", join(top, "target/release-packages")),
  epoch: Number(word("SOURCE_DATE_EPOCH", "0")),
};
const name = `registry-console-${version}`;

const programs = settings.arches.map((architecture) => {
  if (!ARCHITECTURES[architecture]) throw new Error(`there are no releases for ${architecture}: ${Object.keys(ARCHITECTURES).join(", ")}`);
  const path = word(`PROGRAM_${architecture}`)
    ?? run("release/build-program", [architecture], { env: { ...process.env, REGISTRY_CONSOLE_COMMIT: commit } }).trim();
  checkProgram(path, architecture);
  return { architecture, path, content: readFileSync(path) };
});

const lock = readLock(readFileSync(settings.lock, "utf8"));
const debianNames = settings.arches.map((architecture) => ARCHITECTURES[architecture].debian);
if (!word("PACKAGES")) run("release/fetch-packages", [settings.packages, ...debianNames]);

const components = findComponents();
const texts = {
  [`${name}.cdx.json`]: cycloneDx(components.root, components.others),
  [`${name}.spdx.json`]: spdx(components.root, components.others, settings.epoch),
  "THIRD-PARTY-NOTICES.txt": notices(components.others),
};

const images = programs.map(makeImage);
const whole = layout(images, { tag: version });
const archives = {
  [`${name}-oci.tar`]: tar(whole.entries, settings.epoch),
  ...Object.fromEntries(images.map((each) => [
    `${name}-${each.config.architecture}-docker.tar`, dockerArchive(each, [`registry-console:${version}`]),
  ])),
};

if (existsSync(settings.out) && readdirSync(settings.out).length && !existsSync(join(settings.out, "SHA256SUMS"))) {
  throw new Error(`${settings.out} holds other files than a release, which would be deleted: choose another folder with OUT=`);
}
rmSync(settings.out, { recursive: true, force: true });
mkdirSync(settings.out, { recursive: true });
const files = {
  ...texts,
  ...archives,
  ...Object.fromEntries(programs.map(({ architecture, content }) => [`${name}-linux-${architecture}`, content])),
  [`${name}-offline.tar`]: tar(bundleEntries({ top, name, version, texts, archives }), settings.epoch),
};
for (const [file, content] of Object.entries(files)) writeFileSync(join(settings.out, file), content, { mode: /-linux-\w+$/.test(file) ? 0o755 : 0o644 });
writeFileSync(join(settings.out, "SHA256SUMS"), sums(files));
console.log(`The release is in ${settings.out}. The digest of its index is ${whole.digest}.`);

/// The program and what it is made of. What the base is made of is known where it is one of Debian packages.
function findComponents() {
  const [cargo, ...args] = word("CARGO", "cargo").split(" ");
  const targets = settings.arches.flatMap((architecture) => ["--filter-platform", ARCHITECTURES[architecture].target]);
  const metadata = JSON.parse(run(cargo, [...args, "metadata", "--format-version", "1", "--locked", ...targets]));
  const { root, crates: linked } = crates(metadata, read("Cargo.lock"));
  const packages = npmPackages(JSON.parse(read("package-lock.json")), top);
  const base = settings.base === "debian" ? debianPackages(lock.filter(({ architecture }) => [...debianNames, "all"].includes(architecture))) : [];
  const parts = [...packages.filter(({ isShipped }) => isShipped), ...base].map(({ purl }) => purl);
  return { root: { ...root, dependencies: [...root.dependencies, ...parts] }, others: [...linked, ...packages, ...base] };
}

function makeImage({ architecture, path, content }) {
  const { epoch } = settings;
  const packages = openPackages(lock, ARCHITECTURES[architecture].debian, settings.packages);
  const isDebian = settings.base === "debian";
  const base = isDebian ? undefined : withFolder((directory) => fetchBase(baseReference(), architecture, directory));
  const own = [
    ...(isDebian ? [{ ...layer(baseEntries(packages, path), epoch), comment: "Files of Debian packages: see /var/lib/dpkg/status.d" }] : []),
    {
      ...layer([
        ...(isDebian ? [] : certificateEntries(packages)),
        { path: "usr/bin/registry-console", content, mode: 0o755 },
        { path: "licenses/LICENSE", content: Buffer.from(read("LICENSE")) },
        { path: "licenses/THIRD-PARTY-NOTICES.txt", content: Buffer.from(texts["THIRD-PARTY-NOTICES.txt"]) },
      ], epoch),
      comment: "The program",
    },
  ];
  const config = configuration({
    architecture, epoch, layers: own, base: base?.config,
    labels: labels({
      version, commit, release: word("RELEASE", "1"), vendor: word("VENDOR", "registry-console authors"), source: word("SOURCE_URL", ""),
    }),
  });
  return image(config, own, { baseLayers: base?.layers });
}

/// The image that the layers are on top of: the name of a stage of the Dockerfile, where its digest is, or any image.
function baseReference() {
  const argument = settings.base.toUpperCase().replaceAll("-", "_");
  const pinned = new RegExp(`^ARG ${argument}=(.*)$`, "m").exec(read("Dockerfile"))?.[1];
  // skopeo takes a tag or a digest, not both.
  if (pinned) return `docker://${pinned.replace(/:[^:@/]*@/, "@")}`;
  return /^(docker|oci|oci-archive|docker-archive|dir):/.test(settings.base) ? settings.base : `docker://${settings.base}`;
}

function withFolder(use) {
  const directory = mkdtempSync(join(tmpdir(), "release-"));
  try {
    return use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
