// What kustomize builds from the bases: the same console as that of the chart.
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { CANNOT_RUN, TOOLS, environment, helm, kustomized, objects as parsed, one, repository } from './tools.mjs';

const options = { skip: CANNOT_RUN };
const copies = [];
after(() => copies.forEach(copy => rmSync(copy, { recursive: true })));

/** A copy of the bases, with files of an overlay changed as its operator would do it. */
function changedFolder(overlay, changes) {
  const copy = mkdtempSync(join(tmpdir(), 'kustomize-'));
  copies.push(copy);
  cpSync(new URL('deploy/kustomize', repository), copy, { recursive: true });
  for (const [file, change] of Object.entries(changes)) {
    const path = join(copy, 'overlays', overlay, file);
    const before = readFileSync(path, 'utf8');
    const text = change(before);
    assert.notEqual(text, before);
    writeFileSync(path, text);
  }
  return pathToFileURL(`${copy}/`);
}

const changed = (overlay, file, change, tools) => kustomized(overlay, { folder: changedFolder(overlay, { [file]: change }), tools });

/** With all optional components. */
const complete = (overlay, tools) =>
  changed(overlay, 'kustomization.yaml', text => text.replace(/^# components:$/m, 'components:').replace(/^ *# +- \.\./gm, '  - ..'), tools);

/** The values of the chart that correspond to an overlay as it is in the sources. */
const VALUES = {
  'openshift-3': {
    files: ['values-openshift-3.yaml', 'ci/openshift-3-values.yaml'],
    args: ['index.enabled=false', 'index.workloads=false', 'index.sizes=false', 'autoscaling.enabled=false'],
  },
  'openshift-4': { files: ['ci/minimal-values.yaml'], args: ['oauth.caFile=/etc/registry-console/ca/oauth.crt'] },
};
const COMPONENTS = ['index.enabled=true', 'index.workloads=true', 'index.sizes=true', 'autoscaling.enabled=true', 'route.termination=reencrypt'];
const LINKS = ['consoleLink.applicationMenu=true', 'consoleLink.allProjects=true'];

/** What the chart sets explicitly and the overlays leave out */
const DEFAULTS = {
  REGISTRY_CA_FILE: '', REGISTRY_BLOB_CA_FILE: '', REGISTRY_BLOB_REDIRECTS: 'on', OAUTH_CA_FILE: '',
  INDEX: 'off', INDEX_MEMORY: '128Mi', INDEX_WORKLOADS: 'off', INDEX_SIZES: 'off', INDEX_SIZES_RATE: '5',
};

/**
 * The objects without what differs between the two on purpose: labels of the tool, the namespace, the pod of helm test, and where the
 * environment comes from.
 */
function comparable(objects) {
  const same = objects.filter(object => !['ConfigMap', 'Pod'].includes(object.kind)).map(object => structuredClone(object));
  for (const object of same) {
    delete object.metadata.namespace;
    const labels = [object.metadata, object.spec?.template?.metadata].map(metadata => metadata?.labels).filter(Boolean);
    for (const set of labels) {
      for (const name of Object.keys(set)) if (name !== 'name') delete set[name];
    }
    for (const subject of object.subjects ?? []) delete subject.namespace;
  }
  const deployment = one(same, 'Deployment');
  const variables = { ...DEFAULTS, ...environment(objects, deployment) };
  if (variables.OIDC_ISSUER_URL) delete variables.OAUTH_CA_FILE;
  const [container] = deployment.spec.template.spec.containers;
  delete container.envFrom;
  container.env = Object.entries(variables).sort();
  return Object.fromEntries(same.map(object => [`${object.kind} ${object.metadata.name}`, object]));
}

const chart = ({ files, args }, more = []) =>
  comparable(parsed(helm('template', files, { args: [...args, ...more].flatMap(value => ['--set', value]) })));

test('the component external-oidc makes the same objects as the chart with an issuer', options, () => {
  const folder = changedFolder('openshift-4', {
    'console.env': text => text.replace(/^(OPENSHIFT_)?OAUTH_.*\n/gm, '').replace(/^# OIDC_/gm, 'OIDC_'),
    'kustomization.yaml': text => text.replace('components:\n', 'components:\n  - ../../components/external-oidc\n'),
  });
  for (const tools of Object.values(TOOLS)) {
    const objects = comparable(kustomized('openshift-4', { folder, tools }));
    assert.deepEqual(objects, chart({ files: ['ci/external-oidc-values.yaml'], args: [] }, []));
  }
});

for (const [overlay, values] of Object.entries(VALUES)) {
  test(`the overlay ${overlay} makes the same objects as the chart`, options, () => {
    assert.deepEqual(comparable(kustomized(overlay)), chart(values));
  });

  test(`the overlay ${overlay} with all components makes the same objects as the chart`, options, () => {
    const more = overlay === 'openshift-4' ? [...COMPONENTS, ...LINKS] : COMPONENTS;
    assert.deepEqual(comparable(complete(overlay)), chart(values, more));
  });

  test(`the overlay ${overlay} is the same with an old kustomize`, options, () => {
    const sorted = objects => objects.map(object => JSON.stringify(object)).sort();
    assert.deepEqual(sorted(complete(overlay, TOOLS.oldest)), sorted(complete(overlay)));
  });

  test(`the overlay ${overlay} takes the host of the route and of links from console.env, and rolls out new pods`, options, () => {
    const moved = changed(overlay, 'console.env', text => text.replace('//registry-console.apps.', '//images.apps.'));
    assert.equal(one(moved, 'Route').spec.host, 'images.apps.example.com');
    const source = objects => one(objects, 'Deployment').spec.template.spec.containers[0].envFrom[0].configMapRef.name;
    assert.notEqual(source(moved), source(kustomized(overlay)));
    one(moved, 'ConfigMap', source(moved));
  });

  test(`the overlay ${overlay} binds the cluster roles to the service account of its project`, options, () => {
    const objects = complete(overlay);
    const { name, namespace } = one(objects, 'ServiceAccount').metadata;
    const bindings = objects.filter(object => object.kind === 'ClusterRoleBinding');
    assert.equal(bindings.length, 3);
    for (const { subjects } of bindings) assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name, namespace }]);
  });
}
