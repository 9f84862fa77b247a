// What the Helm chart renders.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { CANNOT_RUN, TOOLS, VALUE_SETS, environment, helm, objects as parsed, one, processed, read, rendered } from './tools.mjs';

const options = { skip: CANNOT_RUN };
const minimal = VALUE_SETS.minimal;

function refused(files, args) {
  try {
    helm('template', files, { args });
  } catch (error) {
    return error.stderr;
  }
  return assert.fail(`helm accepted ${args}`);
}

for (const [set, files] of Object.entries(VALUE_SETS)) {
  // Nothing generated, nothing read from the cluster: what is deployed from Git must not change by itself.
  test(`the values ${set} give the same with each version of Helm, each time, and in an upgrade`, options, () => {
    const first = helm('template', files);
    assert.equal(helm('template', files), first);
    assert.equal(helm('template', files, { args: ['--is-upgrade'] }), first);
    assert.equal(helm('template', files, { tools: TOOLS.oldest }), first);
  });

  test(`helm lint has nothing against the values ${set}`, options, () => {
    // It warns of the policy/v1beta1 of OpenShift 3.
    const args = set === 'openshift-3' ? [] : ['--strict'];
    helm('lint', files, { args });
    helm('lint', files, { args, tools: TOOLS.oldest });
  });
}

test('without the values that are required, Helm names one', options, () => {
  assert.match(refused([], []), /Set (url|oauth\.providerUrl|registry\.host) to /);
});

test('values that cannot be right are refused', options, () => {
  for (const [value, message] of [
    ['url=https://console.example.com/', /url/],
    ['url=http://console.example.com', /url/],
    ['index.size=1Gi', /size/],
    ['route.termination=edge', /termination/],
    ['secret.sessionKey=short', /sessionKey/],
    ['index.workloads=true', /index\.workloads needs index\.enabled/],
    ['index.sizes=true', /index\.sizes needs index\.enabled/],
    ['index.sizesPerSecond=101', /sizesPerSecond/],
    ['monitoring.service=false', /monitoring\.serviceMonitor needs monitoring\.service/],
    ['secret.create=true', /Set secret\.clientSecret/],
    ['oauth.registerClient=true', /Set secret\.clientSecret/],
    ['oidc.issuerUrl=http://id.example.com', /issuerUrl/],
    ['oidc.issuerUrl=https://id.example.com', /Set oidc\.clientId/],
    ['oidc.issuerUrl=https://id.example.com,oidc.clientId=x,oauth.registerClient=true,secret.clientSecret=x', /cannot be used with oidc\.issuerUrl/],
  ]) {
    assert.match(refused(minimal, ['--set', value]), message, value);
  }
});

test('by default, the release holds no secret, no OAuth client and no cluster role', options, () => {
  const kinds = rendered('minimal').map(object => object.kind).sort();
  assert.deepEqual(kinds, ['Deployment', 'NetworkPolicy', 'Pod', 'PodDisruptionBudget', 'PrometheusRule', 'Route', 'Service', 'Service',
    'ServiceAccount', 'ServiceMonitor']);
});

test('the environment is that of the template', options, () => {
  const template = processed('openshift-template.yaml', {
    COCKPIT_KUBE_URL: 'https://registry-console.apps.example.com',
    OPENSHIFT_OAUTH_PROVIDER_URL: 'https://api.example.com:6443',
    REGISTRY_HOST: 'default-route-openshift-image-registry.apps.example.com',
    REGISTRY_URL: 'https://image-registry.openshift-image-registry.svc:5000',
  });
  // A parameter without a value is an empty string there.
  const expected = Object.entries(environment(template, one(template, 'DeploymentConfig')))
    .map(([name, value]) => [name, value.startsWith('generated-') ? '' : value]);
  const objects = rendered('minimal');
  assert.deepEqual(environment(objects, one(objects, 'Deployment')), Object.fromEntries(expected));
});

test('with an OIDC issuer, the console has no settings of an OAuth server', options, () => {
  const objects = rendered('external-oidc');
  assert.ok(objects.every(object => object.kind !== 'OAuthClient'));
  const variables = environment(objects, one(objects, 'Deployment'));
  assert.deepEqual(Object.keys(variables).filter(name => name.includes('OAUTH')), []);
  assert.equal(variables.OIDC_CLIENT_SECRET_FILE, '/etc/registry-console/secret/client-secret');
});

test('the secret of an OIDC client can be in a Secret of its own, or not exist', options, () => {
  const withValues = (...values) => {
    const args = [...values, `secret.create=true`, `secret.sessionKey=${'A'.repeat(88)}`].flatMap(value => ['--set', value]);
    return parsed(helm('template', VALUE_SETS['external-oidc'], { args }));
  };
  const separate = withValues('oidc.existingSecret=oidc-client');
  const deployment = one(separate, 'Deployment');
  assert.equal(environment(separate, deployment).OIDC_CLIENT_SECRET_FILE, '/etc/registry-console/oidc/client-secret');
  const [container] = deployment.spec.template.spec.containers;
  assert.equal(container.volumeMounts.find(mount => mount.name === 'oidc').mountPath, '/etc/registry-console/oidc');
  assert.equal(deployment.spec.template.spec.volumes.find(volume => volume.name === 'oidc').secret.secretName, 'oidc-client');
  const open = withValues('oidc.publicClient=true');
  assert.equal(environment(open, one(open, 'Deployment')).OIDC_CLIENT_SECRET_FILE, undefined);
  for (const objects of [separate, open]) assert.deepEqual(Object.keys(one(objects, 'Secret').stringData), ['session-key']);
});

for (const set of Object.keys(VALUE_SETS)) {
  test(`with the values ${set}, whatever selects pods selects those of the Deployment, and not that of the test`, options, () => {
    const objects = rendered(set);
    const matches = (selector, labels) => Object.entries(selector).every(([label, value]) => labels[label] === value);
    const deployment = one(objects, 'Deployment');
    const { labels } = deployment.spec.template.metadata;
    const spread = deployment.spec.template.spec.topologySpreadConstraints ?? [];
    const selectors = [
      deployment.spec.selector.matchLabels,
      ...spread.map(constraint => constraint.labelSelector.matchLabels),
      ...objects.filter(object => object.kind === 'Service').map(service => service.spec.selector),
      ...objects.filter(object => object.kind === 'PodDisruptionBudget').map(budget => budget.spec.selector.matchLabels),
      ...objects.filter(object => object.kind === 'NetworkPolicy').map(policy => policy.spec.podSelector.matchLabels),
    ];
    assert.ok(selectors.length >= 4);
    for (const selector of selectors) {
      assert.ok(matches(selector, labels), JSON.stringify(selector));
      assert.ok(!matches(selector, one(objects, 'Pod').metadata.labels), JSON.stringify(selector));
    }
  });
}

test('everything that names another object names one that is there', options, () => {
  const objects = rendered('full');
  const { name } = one(objects, 'Deployment').metadata;
  assert.equal(one(objects, 'HorizontalPodAutoscaler').spec.scaleTargetRef.name, name);
  assert.equal(one(objects, 'Deployment').spec.replicas, undefined, 'the autoscaler decides');

  const service = one(objects, 'Service', name);
  const route = one(objects, 'Route');
  assert.equal(route.spec.to.name, service.metadata.name);
  assert.equal(route.spec.port.targetPort, service.spec.ports[0].name);

  const monitored = one(objects, 'Service', `${name}-metrics`);
  const monitor = one(objects, 'ServiceMonitor');
  assert.equal(monitor.spec.selector.matchLabels.name, monitored.metadata.labels.name);
  assert.equal(monitor.spec.endpoints[0].port, monitored.spec.ports[0].name);

  const account = one(objects, 'ServiceAccount').metadata.name;
  for (const binding of objects.filter(object => object.kind === 'ClusterRoleBinding')) {
    assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name: account, namespace: 'registry-console' }]);
    one(objects, 'ClusterRole', binding.roleRef.name);
  }

  const pod = one(objects, 'Deployment').spec.template.spec;
  assert.equal(pod.serviceAccountName, account);
  const secret = one(objects, 'Secret');
  assert.equal(pod.volumes.find(volume => volume.name === 'secret').secret.secretName, secret.metadata.name);
  const client = one(objects, 'OAuthClient');
  assert.equal(client.secret, secret.stringData['client-secret']);
  assert.deepEqual(client.redirectURIs, ['https://console.example.com/oauth/callback']);
  assert.equal(environment(objects, one(objects, 'Deployment')).OPENSHIFT_OAUTH_CLIENT_ID, client.metadata.name);
});

test('the pod of helm test runs the doctor with the settings of the Deployment', options, () => {
  const objects = rendered('full');
  const [checked] = one(objects, 'Pod').spec.containers;
  const [deployed] = one(objects, 'Deployment').spec.template.spec.containers;
  assert.deepEqual(checked.args, ['doctor']);
  for (const field of ['image', 'env', 'volumeMounts', 'securityContext']) assert.deepEqual(checked[field], deployed[field], field);
});

test('a passthrough route has no certificate, a reencrypt route has those of the values', options, () => {
  assert.deepEqual(Object.keys(one(rendered('minimal'), 'Route').spec.tls).sort(), ['insecureEdgeTerminationPolicy', 'termination']);
  const { tls, host } = one(rendered('full'), 'Route').spec;
  assert.equal(host, 'console.example.com');
  assert.equal(tls.termination, 'reencrypt');
  assert.match(tls.destinationCACertificate, /^-----BEGIN CERTIFICATE-----\n.*\n-----END CERTIFICATE-----\n$/s);
});

test('links lead from OpenShift\'s console to the console and to the same project', options, () => {
  const links = rendered('full').filter(object => object.kind === 'ConsoleLink')
    .map(({ spec }) => [spec.location, spec.href, spec.namespaceDashboard?.namespaces]);
  assert.deepEqual(links.sort(), [
    ['ApplicationMenu', 'https://console.example.com', undefined],
    ['NamespaceDashboard', 'https://console.example.com/projects', undefined],
    ['NamespaceDashboard', 'https://console.example.com/projects/payments', ['payments']],
    ['NamespaceDashboard', 'https://console.example.com/projects/shop', ['shop']],
  ]);
});

test('the notes name parameters that the template of the OAuth client has', options, () => {
  const notes = helm('install', minimal, { args: ['--dry-run=client'] }).split('NOTES:')[1];
  const named = [...notes.matchAll(/-p (\w+)=/g)].map(([, name]) => name);
  assert.ok(named.length > 0);
  const template = read('openshift/oauth-client.yaml');
  for (const name of named) assert.match(template, new RegExp(`- name: ${name}\n`));
});
