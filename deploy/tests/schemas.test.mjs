// Every object is one that the API servers of its versions accept, without a field that they do not know.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { problems } from './schemas.mjs';
import { CANNOT_RUN, kustomized, processed, rendered } from './tools.mjs';

// The kinds of OpenShift's own API groups are those of 3.11 everywhere. Its document requires fields that the server fills in, such as the
// status of a route: Helm and kubectl, which compare with it, refuse an object without them. OpenShift 4 has corrected its documents.
const OWN = 'openshift-3.11';
const OPENSHIFT_3 = [['kubernetes-1.9', OWN], [OWN]];
const OPENSHIFT_4 = [['kubernetes-1.25', OWN], ['kubernetes-1.37', OWN]];

const TEMPLATES = [
  'openshift-template.yaml',
  ...['autoscaler', 'deployment', 'index', 'index-sizes', 'index-workloads', 'metrics-service', 'oauth-client', 'route'].map(name => `openshift/${name}.yaml`),
];

function assertAccepted(objects, versions, unchecked) {
  assert.ok(objects.length > 0);
  assert.deepEqual(versions.flatMap(files => objects.flatMap(object => problems(object, files, unchecked))), []);
}

for (const set of ['minimal', 'full']) {
  test(`the chart with the values ${set}`, { skip: CANNOT_RUN }, () => assertAccepted(rendered(set), OPENSHIFT_4, [OWN]));
}
test('the chart with the values openshift-3', { skip: CANNOT_RUN }, () => assertAccepted(rendered('openshift-3'), OPENSHIFT_3));
test('the overlay openshift-4', { skip: CANNOT_RUN }, () => assertAccepted(kustomized('openshift-4'), OPENSHIFT_4, [OWN]));
test('the overlay openshift-3', { skip: CANNOT_RUN }, () => assertAccepted(kustomized('openshift-3'), OPENSHIFT_3));

// oc does not look for missing fields.
for (const template of TEMPLATES) {
  test(template, () => assertAccepted(processed(template), [...OPENSHIFT_3, ...OPENSHIFT_4], [OWN]));
}

test('a field that a version does not know is found', () => {
  const [pod] = processed('openshift/deployment.yaml').filter(object => object.kind === 'Deployment');
  pod.spec.template.spec.topologySpreadConstraints = [];
  assert.equal(problems(pod, ['kubernetes-1.25']).length, 0);
  assert.match(problems(pod, ['kubernetes-1.9'])[0], /additional properties topologySpreadConstraints/);
});
