// Writes the schemas beside this file again, from packages that contain the OpenAPI documents of Kubernetes and of OpenShift, which are
// under the Apache License 2.0:
//
//   node deploy/tests/schemas/extract.mjs
//
// It needs npm, tar, pip and unzip, and downloads about 25 MB. `make test` uses what is committed.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const work = mkdtempSync(join(tmpdir(), 'schemas-'));
const run = (program, ...args) => execFileSync(program, args, { cwd: work, encoding: 'utf8' });

/** A file of an npm package. */
function npmFile(name, path) {
  const archive = run('npm', 'pack', '--silent', name).trim();
  run('tar', 'xzf', archive, `package/${path}`);
  return readFileSync(join(work, 'package', path));
}

/** A file of a Python wheel. */
function wheelFile(name, path) {
  run('pip', 'download', '--quiet', '--no-deps', '--dest', work, name);
  return execFileSync('sh', ['-c', `unzip -p ${work}/*.whl ${path}`], { maxBuffer: 1 << 26 });
}

const CORE = ['v1.ConfigMap', 'v1.Pod', 'v1.Secret', 'v1.Service', 'v1.ServiceAccount'].map(kind => `core.${kind}`);
const KUBERNETES = [
  ...CORE, 'apps.v1.Deployment', 'autoscaling.v1.HorizontalPodAutoscaler', 'networking.v1.NetworkPolicy', 'rbac.v1.ClusterRole',
  'rbac.v1.ClusterRoleBinding',
].map(kind => `io.k8s.api.${kind}`);
const OPENSHIFT = [
  'apps.v1.DeploymentConfig', 'authorization.v1.ClusterRole', 'authorization.v1.ClusterRoleBinding', 'image.v1.ImageStream',
  'oauth.v1.OAuthClient', 'route.v1.Route', 'template.v1.Template',
].map(kind => `com.github.openshift.api.${kind}`);
const OLD_BUDGET = 'io.k8s.api.policy.v1beta1.PodDisruptionBudget';
const BUDGET = 'io.k8s.api.policy.v1.PodDisruptionBudget';

/** What a definition says about form: no texts, no extensions of other tools. */
function form(value, inProperties = false) {
  if (Array.isArray(value)) return value.map(item => form(item));
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' ? value.replace('#/$defs/', '#/definitions/') : value;
  }
  const entries = Object.entries(value)
    .filter(([key]) => inProperties || (key !== 'description' && key !== 'default' && !key.startsWith('x-kubernetes-')))
    .map(([key, item]) => [key, form(item, key === 'properties' && !inProperties)]);
  return Object.fromEntries(entries);
}

/** Those definitions and all that they refer to. */
function closure(definitions, names) {
  const found = {};
  const add = name => {
    if (found[name]) return;
    if (!definitions[name]) throw new Error(`${name} is not defined`);
    found[name] = form(definitions[name]);
    const kinds = definitions[name]['x-kubernetes-group-version-kind'];
    if (kinds) found[name]['x-kinds'] = kinds.map(({ group, version, kind }) => `${group ? `${group}/` : ''}${version} ${kind}`);
    for (const [, next] of JSON.stringify(found[name]).matchAll(/"#\/definitions\/([^"]+)"/g)) add(next);
  };
  names.forEach(add);
  return found;
}

function write(file, definitions, names) {
  const sorted = Object.entries(closure(definitions, names)).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = sorted.map(([name, definition]) => `  ${JSON.stringify(name)}: ${JSON.stringify(definition)}`);
  writeFileSync(new URL(file, import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
}

const gunzipped = bytes => JSON.parse(gunzipSync(bytes)).definitions;
write('kubernetes-1.9.json', gunzipped(npmFile('kubernetes-client@8.3.7', 'lib/specs/swagger-1.9.json.gz')), [...KUBERNETES, OLD_BUDGET]);
write('openshift-3.11.json', gunzipped(npmFile('openshift-rest-client@9.1.1', 'lib/specs/openshift-openapi-spec.json.gz')),
  [...KUBERNETES, ...OPENSHIFT, OLD_BUDGET]);
for (const version of ['1.25', '1.37']) {
  const path = `kubernetes_validate/kubernetes-json-schema/v${version}.0-local/_definitions.json`;
  write(`kubernetes-${version}.json`, JSON.parse(wheelFile('kubernetes-validate==1.37.0', path)).$defs, [...KUBERNETES, BUDGET]);
}
rmSync(work, { recursive: true });
