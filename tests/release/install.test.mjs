// `install.sh --check` of the offline bundle, with an `oc`, a `docker` and a `curl` that answer as those of a site at each stage of an
// installation.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const SHELLS = ["dash", "bash"];
const REGISTRY = "docker-registry-default.apps.example.com";
const HOST = "registry-console.apps.example.com";
const OAUTH_SERVER = '{"issuer": "https://openshift.example.com:8443","authorization_endpoint": "https://openshift.example.com:8443/oauth/authorize"}';

/// What programs of a site answer where everything is done: the answer by the arguments, of which `*` stands for any. A number is an exit
/// code.
const INSTALLED = {
  uname: { "-m": "x86_64" },
  docker: { version: "Version: 1.13.1", "inspect --type=image registry-console:1.2.3": "[]" },
  curl: { "*": "401" },
  oc: {
    version: "oc v3.9.0+191fece",
    whoami: "root",
    "auth can-i create oauthclients": "yes",
    "get --raw /apis/apps.openshift.io/v1": "{}",
    "get --raw /.well-known/oauth-authorization-server": OAUTH_SERVER,
    "get route docker-registry -n default *": REGISTRY,
    "get imagestreamtag registry-console:1.2.3 -n openshift": "NAME",
    "get route registry-console -n default *": `${HOST} passthrough`,
    "process -f *": "{}",
    "get template registry-console -n default": "NAME",
    "get dc registry-console -n default -o jsonpath={.spec.template.*": "docker-registry.default.svc:5000/openshift/registry-console:1.2.3",
    "get dc registry-console -n default -o jsonpath={.status.*": "1",
    "get oauthclient *": `https://${HOST}/oauth/callback`,
    "get configmap registry-console-ca -n default": "NAME",
  },
};

let bundle;
before(() => {
  bundle = mkdtempSync(join(tmpdir(), "bundle-"));
  mkdirSync(join(bundle, "images"));
  copyFileSync(new URL("../../release/install.sh", import.meta.url).pathname, join(bundle, "install.sh"));
  writeFileSync(join(bundle, "VERSION"), "1.2.3\n");
  writeFileSync(join(bundle, "images/registry-console-1.2.3-amd64-docker.tar"), "an image");
  writeFileSync(join(bundle, "SHA256SUMS"), execFileSync("sha256sum", ["VERSION", "images/registry-console-1.2.3-amd64-docker.tar"], { cwd: bundle }));
});
after(() => rmSync(bundle, { recursive: true }));

/// Runs the script at a site whose programs answer as `site` says, in each shell, which must agree.
function check(site, { args = ["--check"], language = "C" } = {}) {
  const path = mkdtempSync(join(tmpdir(), "site-"));
  try {
    for (const tool of ["cat", "dirname", "sha256sum", "head", "tr", "sed"]) symlinkSync(execFileSync("which", [tool], { encoding: "utf8" }).trim(), join(path, tool));
    for (const [program, answers] of Object.entries(site)) writeFileSync(join(path, program), script(answers), { mode: 0o755 });
    const runs = SHELLS.map((shell) => {
      const at = execFileSync("which", [shell], { encoding: "utf8" }).trim();
      const { status, stdout, stderr } = spawnSync(at, [join(bundle, "install.sh"), ...args], {
        encoding: "utf8", env: { PATH: path, LANG: language, DOCKER_CERTS: join(path, "certs.d") },
      });
      return { status, lines: stdout.replaceAll(bundle, "BUNDLE").replaceAll(path, "SITE").split("\n"), stderr };
    });
    assert.deepEqual(runs[0], runs[1]);
    return runs[0];
  } finally {
    rmSync(path, { recursive: true });
  }
}

function script(answers) {
  const quoted = (text) => `'${text}'`;
  const cases = Object.entries(answers).map(([args, answer]) => {
    const pattern = args.split("*").map((part) => part && quoted(part)).join("*");
    return `  ${pattern}) ${typeof answer === "number" ? `exit ${answer}` : `printf '%s\\n' ${quoted(answer)}`} ;;`;
  });
  return `#!/bin/sh\ncase "$*" in\n${cases.join("\n")}\n  *) exit 1 ;;\nesac\n`;
}

/// `INSTALLED` with other answers of `program`. An answer of null is none.
function installedBut(program, answers) {
  const all = Object.entries({ ...INSTALLED[program], ...answers }).filter(([, answer]) => answer !== null);
  return { ...INSTALLED, [program]: Object.fromEntries(all) };
}

const missing = ({ lines }) => lines.filter((line) => line.startsWith("[missing]"));

test("nothing is missing where everything is installed, and the doctor is named", () => {
  const { status, lines, stderr } = check(INSTALLED);
  assert.deepEqual(missing({ lines }), []);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  assert.ok(lines.includes("            oc rsh -n default dc/registry-console registry-console doctor"), lines.join("\n"));
});

test("a machine with nothing is told what it needs, and the cluster is not asked", () => {
  const { status, lines } = check({ uname: INSTALLED.uname });
  assert.equal(status, 1);
  assert.deepEqual(missing({ lines }), [
    "[missing] docker, podman or skopeo: none of them is here, to push the image with",
    "[missing] oc is not here; copy it from a master, where it is /usr/bin/oc",
  ]);
  assert.ok(lines.includes("[note]    the cluster was not checked"));
});

test("a cluster without the console is given every command, with the hosts that were found", () => {
  const empty = installedBut("oc", {
    "get imagestreamtag registry-console:1.2.3 -n openshift": null, "get route registry-console -n default *": null,
    "get template registry-console -n default": null, "get dc registry-console -n default -o jsonpath={.spec.template.*": null, "get oauthclient *": null,
  });
  const { status, lines } = check({ ...empty, docker: { version: "Version: 1.13.1" } });
  assert.equal(status, 1);
  const commands = lines.filter((line) => line.startsWith("            ")).map((line) => line.trim());
  assert.deepEqual(commands, [
    "docker load -i 'BUNDLE/images/registry-console-1.2.3-amd64-docker.tar'",
    `docker tag registry-console:1.2.3 ${REGISTRY}/openshift/registry-console:1.2.3`,
    `docker login -u unused -p "$(oc whoami -t)" ${REGISTRY}`,
    `docker push ${REGISTRY}/openshift/registry-console:1.2.3`,
    "oc create route passthrough --service registry-console --port registry-console --hostname HOST -n default",
    "oc create -f 'BUNDLE/openshift-template.yaml' -n default",
    `oc new-app -n default --template=registry-console -p OPENSHIFT_OAUTH_PROVIDER_URL=https://openshift.example.com:8443 -p REGISTRY_HOST=${REGISTRY} `
      + "-p COCKPIT_KUBE_URL=https://HOST -p REGISTRY_URL=https://docker-registry.default.svc:5000 "
      + "-p IMAGE_PREFIX=docker-registry.default.svc:5000/openshift/ -p IMAGE_VERSION=1.2.3",
  ]);
});

for (const [what, site, expected] of [
  ["no rights", installedBut("oc", { "auth can-i create oauthclients": "no" }), /root may not create an OAuth client/],
  ["no session", installedBut("oc", { whoami: 1 }), /oc is not signed in/],
  ["no daemon", installedBut("docker", { version: 1 }), /its daemon does not answer/],
  ["another version", installedBut("oc", { "get dc registry-console -n default -o jsonpath={.spec.template.*": "docker-registry.default.svc:5000/openshift/registry-console:1.0.0" }), /deployed with another image/],
  ["a moved route", installedBut("oc", { "get oauthclient *": "https://old.example.com/oauth/callback" }), /leads back to https:\/\/old.example.com\/oauth\/callback, not to https:\/\/registry-console/],
  ["no pods", installedBut("oc", { "get dc registry-console -n default -o jsonpath={.status.*": "" }), /no pod of the console is available/],
  ["no DeploymentConfig", installedBut("oc", { "get --raw /apis/apps.openshift.io/v1": 1 }), /has no DeploymentConfig/],
  ["an unknown authority", installedBut("curl", { "*": 60 }), /its certificate authority is not trusted here/],
  ["an unknown host", installedBut("curl", { "*": 6 }), /no DNS server knows docker-registry-default/],
  ["an unreachable registry", installedBut("curl", { "*": 7 }), /cannot be reached \(curl ends with 7\)/],
  ["another machine", { ...INSTALLED, uname: { "-m": "riscv64" } }, /the bundle has none for riscv64/],
]) {
  test(`with ${what}, that is what is missing`, () => {
    const result = check(site);
    assert.equal(result.status, 1);
    assert.equal(missing(result).length, 1, result.lines.join("\n"));
    assert.match(missing(result)[0], expected);
  });
}

test("a cluster of OpenShift 4 is given the registry's name there", () => {
  const four = installedBut("oc", {
    "get --raw /apis/config.openshift.io/v1": "{}", "get route docker-registry -n default *": null, "get route default-route *": "default-route.apps.example.com",
    "get dc registry-console -n default -o jsonpath={.spec.template.*": null,
  });
  const { lines } = check(four);
  assert.ok(lines.some((line) => line.includes("REGISTRY_HOST=default-route.apps.example.com") && line.includes("REGISTRY_URL=https://image-registry.openshift-image-registry.svc:5000 ")), lines.join("\n"));
});

test("a changed file of the bundle is noticed", () => {
  writeFileSync(join(bundle, "VERSION"), "1.2.3 \n");
  const result = check({ uname: INSTALLED.uname });
  writeFileSync(join(bundle, "VERSION"), "1.2.3\n");
  assert.match(missing(result)[0], /files were changed or are missing/);
});

test("in a Chinese locale the answers are Chinese, with the same commands", () => {
  const site = installedBut("oc", { "get template registry-console -n default": null });
  const english = check(site);
  const chinese = check(site, { language: "zh_CN.UTF-8" });
  assert.equal(chinese.lines.length, english.lines.length);
  assert.deepEqual(missing(chinese), ["[missing] 项目 default 中没有模板"]);
  const commands = ({ lines }) => lines.filter((line) => line.startsWith("            "));
  assert.deepEqual(commands(chinese), commands(english));
});

test("mistakes in the command line end with 2", () => {
  for (const args of [[], ["--force"], ["--check", "--registry"]]) assert.equal(check(INSTALLED, { args }).status, 2, args.join(" "));
});
