// `make release`, with a program and packages that are made here: the same input gives the same bytes, and other tools read them.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { configuration, image, layer, layout, sha256 } from "../../release/image.mjs";
import { labels } from "../../release/labels.mjs";
import { ARCHES, COMMIT, COMMON_LICENSES, makeFixture, makeRelease, turnLastBit } from "./fixture.mjs";

const top = new URL("../..", import.meta.url).pathname;
const version = /^version = "(.*)"$/m.exec(readFileSync(`${top}/Cargo.toml`, "utf8"))[1];
const name = `registry-console-${version}`;
const run = (command, args, options) => execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 26, ...options });
const json = (...path) => JSON.parse(readFileSync(join(...path), "utf8"));

let fixture;
let out;
before(() => {
  fixture = makeFixture();
  out = makeRelease(fixture, "first");
});
after(() => fixture.remove());

/// Unpacks `archive` into a new folder and returns it.
function unpacked(archive) {
  const directory = fixture.at(`unpacked-${archive.replaceAll("/", "-")}`);
  mkdirSync(directory, { recursive: true });
  run("tar", ["-xf", join(out, archive), "-C", directory]);
  return directory;
}

const blob = (directory, digest) => readFileSync(join(directory, "blobs", digest.replace(":", "/")));

/// The index of the layout and its images, with every blob compared with its digest on the way.
function imagesOf(directory) {
  const [top] = json(directory, "index.json").manifests;
  const index = JSON.parse(blob(directory, top.digest));
  return index.manifests.map(({ digest, platform }) => {
    const manifest = JSON.parse(blob(directory, digest));
    return { platform, manifest, config: JSON.parse(blob(directory, manifest.config.digest)) };
  });
}

/// The sums of a release, as an object of digests by file name.
const sumsOf = (directory) => Object.fromEntries(readFileSync(join(directory, "SHA256SUMS"), "utf8").trim().split("\n").map((line) => line.split("  ").reverse()));

test("two releases of the same program are the same bytes", () => {
  const again = makeRelease(fixture, "second", { TZ: "Asia/Shanghai", LC_ALL: "C.UTF-8" });
  assert.deepEqual(sumsOf(again), sumsOf(out));
  run("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: again });
});

test("one changed bit of a program changes what has the program, and nothing else", () => {
  const changed = makeRelease(fixture, "changed", { PROGRAM_amd64: turnLastBit(fixture.programs.amd64) });
  const [before, now] = [sumsOf(out), sumsOf(changed)];
  const differing = Object.keys(before).filter((file) => before[file] !== now[file]);
  assert.deepEqual(differing, [`${name}-amd64-docker.tar`, `${name}-linux-amd64`, `${name}-oci.tar`, `${name}-offline.tar`]);
});

test("the layout has each blob under its digest, and layers that are what the configuration says", () => {
  const directory = unpacked(`${name}-oci.tar`);
  const blobs = readdirSync(join(directory, "blobs/sha256"));
  for (const digest of blobs) assert.equal(sha256(blob(directory, `sha256:${digest}`)), digest);
  const images = imagesOf(directory);
  assert.deepEqual(images.map(({ platform }) => platform), ARCHES.map((architecture) => ({ architecture, os: "linux" })));
  for (const { manifest, config } of images) {
    const layers = manifest.layers.map(({ digest, size }) => {
      assert.equal(blob(directory, digest).length, size);
      return `sha256:${sha256(gunzipSync(blob(directory, digest)))}`;
    });
    assert.deepEqual(layers, config.rootfs.diff_ids);
    assert.equal(config.history.length, layers.length);
  }
});

test("an image has the program, the libraries that it needs, and nothing else of the packages", () => {
  const directory = unpacked(`${name}-amd64-docker.tar`);
  const [{ Layers: layers }] = json(directory, "manifest.json");
  const listing = layers.flatMap((path) => run("tar", ["-tvf", join(directory, path)]).trim().split("\n"));
  const files = listing.filter((line) => !line.startsWith("d")).map((line) => line.split(/\s+/).slice(5).join(" "));
  const interpreter = /\[.*interpreter: \/(.*)\]/.exec(run("readelf", ["--wide", "--program-headers", fixture.programs.amd64]))[1];
  assert.deepEqual(files.sort(), [
    "bin/cat",
    "bin/dash",
    "bin/sh -> dash",
    "bin/sleep",
    "etc/nsswitch.conf",
    "etc/os-release -> ../usr/lib/os-release",
    "etc/ssl/certs/ca-certificates.crt",
    "lib/machine/libc.so.6",
    "lib/machine/loader.so",
    `${interpreter} -> /lib/machine/loader.so`,
    "licenses/LICENSE",
    "licenses/THIRD-PARTY-NOTICES.txt",
    "usr/bin/registry-console",
    "usr/lib/os-release",
    ...COMMON_LICENSES.map((license) => `usr/share/common-licenses/${license}`),
    ...["base-files", "ca-certificates", "coreutils", "dash", "gcc-12-base", "libc6", "libgcc-s1"].flatMap((each) => [`usr/share/doc/${each}/copyright`, `var/lib/dpkg/status.d/${each}`]),
  ].sort());
  for (const line of listing) assert.match(line, /^\S+ 0\/0 .* 1970-01-01 00:00 /);
  const root = fixture.at("root-of-image");
  mkdirSync(root);
  for (const path of layers) run("tar", ["-xf", join(directory, path), "-C", root]);
  assert.equal(statSync(join(root, "usr/bin/registry-console")).mode & 0o777, 0o755);
  assert.deepEqual(readFileSync(join(root, "usr/bin/registry-console")), readFileSync(fixture.programs.amd64));
  assert.equal(readFileSync(join(root, "etc/ssl/certs/ca-certificates.crt"), "utf8"), "first\nsecond\n");
});

test("skopeo reads the layout for each architecture, with the labels of the certification", () => {
  for (const architecture of ARCHES) {
    const inspected = JSON.parse(run("skopeo", ["inspect", "--override-os", "linux", "--override-arch", architecture, `oci-archive:${out}/${name}-oci.tar:${version}`]));
    assert.equal(inspected.Architecture, architecture);
    for (const label of ["name", "vendor", "version", "release", "summary", "description", "maintainer"]) assert.ok(inspected.Labels[label], label);
    assert.equal(inspected.Labels["org.opencontainers.image.revision"], COMMIT);
    assert.equal(inspected.Labels["org.opencontainers.image.source"], "https://example.com/registry-console");
  }
});

test("skopeo copies the Docker archive, as a manifest of schema 2 whose configuration is the one of the layout", () => {
  const target = fixture.at("copied");
  run("skopeo", ["copy", "--quiet", `docker-archive:${out}/${name}-arm64-docker.tar:registry-console:${version}`, `dir:${target}`]);
  const manifest = json(target, "manifest.json");
  assert.equal(manifest.mediaType, "application/vnd.docker.distribution.manifest.v2+json");
  const config = json(target, manifest.config.digest.replace("sha256:", ""));
  const inLayout = imagesOf(unpacked(`${name}-oci.tar`)).find(({ platform }) => platform.architecture === "arm64").config;
  assert.deepEqual(config.config, inLayout.config);
  assert.deepEqual(config.config.Entrypoint, ["/usr/bin/registry-console"]);
  assert.equal(config.config.User, "1001");
  assert.deepEqual(config.rootfs, inLayout.rootfs);
});

test("the layers go on top of another image, which stays as it is", () => {
  const directory = fixture.at("base");
  const layers = [layer([{ path: "etc/system-release", content: Buffer.from("a base\n") }], 0)];
  const config = configuration({ architecture: "amd64", labels: { architecture: "x86_64", name: "base" }, layers, epoch: 0 });
  for (const { path, content } of layout([image(config, layers)], { tag: "base" }).entries) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
  const onTop = makeRelease(fixture, "on-top", { BASE: `oci:${directory}:base`, ARCHES: "amd64" });
  const inspected = JSON.parse(run("skopeo", ["inspect", "--override-arch", "amd64", `oci-archive:${onTop}/${name}-oci.tar:${version}`]));
  assert.equal(inspected.Layers.length, 2);
  assert.equal(inspected.Layers[0], `sha256:${sha256(layers[0].compressed)}`);
  assert.equal(inspected.Labels.architecture, "x86_64");
  assert.equal(inspected.Labels.name, "registry-console");
});

test("the component lists have crates, embedded assets and packages, with checksums and without dates", () => {
  const cyclone = json(out, `${name}.cdx.json`);
  assert.equal(cyclone.bomFormat, "CycloneDX");
  assert.equal(cyclone.specVersion, "1.5");
  assert.match(cyclone.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(cyclone.metadata.component.version, version);
  assert.equal(cyclone.metadata.timestamp, undefined);
  const references = new Set([cyclone.metadata.component, ...cyclone.components].map((each) => each["bom-ref"]));
  assert.equal(references.size, cyclone.components.length + 1);
  for (const { ref, dependsOn } of cyclone.dependencies) for (const each of [ref, ...dependsOn]) assert.ok(references.has(each), each);
  const find = (prefix) => cyclone.components.find(({ purl }) => purl.startsWith(prefix));
  assert.match(find("pkg:cargo/ring@").hashes[0].content, /^[0-9a-f]{64}$/);
  assert.equal(find("pkg:npm/%40patternfly/patternfly@").scope, "required");
  assert.equal(find("pkg:npm/playwright-core@").scope, "excluded");
  assert.equal(find("pkg:deb/debian/libc6@").purl, "pkg:deb/debian/libc6@1%3A2.0-1?arch=amd64&distro=debian-12");
  // Only used by the tests, or by the command `demo`.
  for (const absent of ["rstest", "openshift-standin"]) assert.equal(find(`pkg:cargo/${absent}@`), undefined);

  const spdx = json(out, `${name}.spdx.json`);
  for (const field of ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo", "packages", "relationships"]) assert.ok(spdx[field], field);
  assert.equal(spdx.creationInfo.created, "1970-01-01T00:00:00Z");
  assert.equal(spdx.packages.length, cyclone.components.length + 1);
  const ids = new Set(["SPDXRef-DOCUMENT", ...spdx.packages.map(({ SPDXID: id }) => id)]);
  assert.equal(ids.size, spdx.packages.length + 1);
  for (const { spdxElementId: from, relatedSpdxElement: to } of spdx.relationships) assert.ok(ids.has(from) && ids.has(to), `${from} ${to}`);
  assert.equal(spdx.packages.find(({ name: each }) => each === "ring").licenseDeclared, "Apache-2.0 AND ISC");
});

test("the notices have the license of each component of others that is a part of the program", () => {
  const text = readFileSync(join(out, "THIRD-PARTY-NOTICES.txt"), "utf8");
  const shipped = json(out, `${name}.cdx.json`).components.filter(({ scope, purl }) => scope === "required" && !/^pkg:(deb\/|cargo\/registry-model@)/.test(purl));
  for (const each of shipped) assert.ok(text.includes(`${each.name} ${each.version} (`), each.purl);
  assert.ok(!text.includes("registry-model "));
  for (const excerpt of ["Jason Evans", "(MIT): copyright the authors of @patternfly/patternfly", "Permission is hereby granted"]) assert.ok(text.includes(excerpt), excerpt);
});

test("the bundle is complete by its own checksums, and says what is missing", () => {
  const directory = join(unpacked(`${name}-offline.tar`), name);
  run("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: directory });
  for (const path of [`images/${name}-oci.tar`, `images/${name}-amd64-docker.tar`, "openshift-template.yaml", "openshift/route.yaml", "docs/install-offline.md", "docs/install-offline.zh-CN.md", `${name}.spdx.json`, "LICENSE"]) {
    assert.ok(statSync(join(directory, path)).size > 0, path);
  }
  assert.equal(statSync(join(directory, "install.sh")).mode & 0o777, 0o755);
});

test("the links of the documents in the bundle lead to files in it", () => {
  const directory = join(unpacked(`${name}-offline.tar`), name);
  const documents = readdirSync(directory, { recursive: true }).filter((path) => path.endsWith(".md"));
  const broken = documents.flatMap((path) => {
    const targets = [...readFileSync(join(directory, path), "utf8").matchAll(/\]\(([^)#\s]+)/g)].map(([, target]) => target);
    return targets.filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(directory, dirname(path), target))).map((target) => `${path}: ${target}`);
  });
  assert.ok(documents.includes("docs/README.md"));
  assert.deepEqual(broken, []);
});

test("the Dockerfile has the labels of the release", () => {
  const dockerfile = readFileSync(`${top}/Dockerfile`, "utf8");
  const expected = labels({ version: "${VERSION}", release: "${RELEASE}", commit: "${COMMIT}", vendor: "${VENDOR}", source: "${SOURCE_URL}" });
  for (const [key, value] of Object.entries(expected)) assert.ok(dockerfile.includes(` ${key}="${value}"`) || dockerfile.includes(` "${key}"="${value}"`), `${key}="${value}"`);
});

test("the workflow builds with the compiler and the Node.js of the Dockerfile, each pinned by its digest there", () => {
  const dockerfile = readFileSync(`${top}/Dockerfile`, "utf8");
  const workflow = readFileSync(`${top}/.github/workflows/release.yml`, "utf8");
  const images = Object.fromEntries([...dockerfile.matchAll(/^ARG (\w+)=(\S+@sha256:[0-9a-f]{64})$/gm)].map(([, argument, reference]) => [argument, reference]));
  assert.deepEqual(Object.keys(images), ["NODE_IMAGE", "RUST_IMAGE", "DEBIAN_SLIM", "UBI9_MICRO"]);
  assert.ok(workflow.includes(`container: ${images.RUST_IMAGE.replace("docker.io/library/", "")}\n`));
  assert.ok(workflow.includes(`node-version: ${/node:([\d.]+)-/.exec(images.NODE_IMAGE)[1]}\n`));
});

test("a program for another machine is refused", () => {
  assert.throws(() => makeRelease(fixture, "refused", { PROGRAM_amd64: fixture.programs.arm64 }), /is for AArch64, not for amd64/);
});

test("a package that is not the locked one is refused", () => {
  const lock = readFileSync(fixture.at("debian.lock"), "utf8").replace(/[0-9a-f]{8}$/m, "00000000");
  writeFileSync(fixture.at("other.lock"), lock);
  assert.throws(() => makeRelease(fixture, "refused", { LOCK: fixture.at("other.lock") }), /and not the one of the lock file/);
});

test("a folder with other files is not replaced", () => {
  assert.throws(() => makeRelease(fixture, "packages", { OUT: fixture.at("packages") }), /holds other files than a release/);
  assert.ok(readdirSync(fixture.at("packages")).length > 0);
});
