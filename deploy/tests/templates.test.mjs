// The templates for Deployments, compared with that of the console.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { one, processed, yaml } from './tools.mjs';

const CONSOLE = 'openshift-template.yaml';
const DEPLOYMENT = 'openshift/deployment.yaml';

test('openshift/deployment.yaml is openshift-template.yaml with a Deployment', () => {
  const [before, after] = [yaml(CONSOLE), yaml(DEPLOYMENT)];
  const expected = structuredClone(before);
  const workload = one(expected.objects, 'DeploymentConfig');
  Object.assign(workload, { apiVersion: 'apps/v1', kind: 'Deployment' });
  workload.spec.selector = { matchLabels: workload.spec.selector };
  workload.spec.strategy = { type: 'RollingUpdate', rollingUpdate: workload.spec.strategy.rollingParams };
  delete workload.spec.triggers;
  assert.deepEqual(after, expected);
});

test('openshift/oauth-client.yaml makes the Secret and the OAuth client as the template does', () => {
  const [before, after] = [processed(CONSOLE), processed('openshift/oauth-client.yaml')];
  const { name } = one(after, 'Secret').metadata;
  one(before, 'Secret').metadata.name = name;
  for (const kind of ['Secret', 'OAuthClient']) assert.deepEqual(one(after, kind), one(before, kind));
  const generators = path => yaml(path).parameters.filter(({ generate }) => generate && generate === 'expression')
    .filter(parameter => parameter.name !== 'SECRET_SUFFIX').map(({ name: parameter, from }) => [parameter, from]);
  assert.deepEqual(generators('openshift/oauth-client.yaml'), generators(CONSOLE));
});

test('the autoscaler targets either workload', () => {
  for (const [path, given] of [[CONSOLE, {}], [DEPLOYMENT, { WORKLOAD: 'Deployment', WORKLOAD_API: 'apps/v1' }]]) {
    const [autoscaler] = processed('openshift/autoscaler.yaml', given);
    const { apiVersion, kind, name } = autoscaler.spec.scaleTargetRef;
    const workload = one(processed(path), kind, name);
    assert.equal(workload.apiVersion, apiVersion);
  }
});
