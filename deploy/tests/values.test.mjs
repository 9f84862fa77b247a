// The values, their schema and their documentation list the same, and nothing has a second version.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { read, yaml } from './tools.mjs';

const CHART = 'deploy/helm/registry-console';
const VALUES = yaml(`${CHART}/values.yaml`);
const SCHEMA = JSON.parse(read(`${CHART}/values.schema.json`));

const isGroup = value => typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

/** The paths of the values. What the API defines counts as one value: `resources`, for example. */
function leaves(values, schema, path = '') {
  return Object.entries(values).flatMap(([key, value]) => {
    const own = schema.properties?.[key];
    assert.ok(own, `the schema has no ${path}${key}`);
    return isGroup(value) && own.properties ? leaves(value, own, `${path}${key}.`) : [`${path}${key}`];
  });
}

function described(schema, path = '') {
  return Object.entries(schema.properties).flatMap(([key, own]) => (own.properties ? described(own, `${path}${key}.`) : [`${path}${key}`]));
}

test('the schema has the values and no others', () => {
  // Helm's own
  const expected = described(SCHEMA).filter(path => path !== 'global');
  assert.deepEqual(leaves(VALUES, SCHEMA).sort(), expected.sort());
});

test('the README has a row for each value', () => {
  const rows = [...read(`${CHART}/README.md`).matchAll(/^\| `([\w.]+)` \| /gm)].map(([, path]) => path);
  assert.deepEqual(rows.sort(), leaves(VALUES, SCHEMA).sort());
});

test('the version of the chart and of the program is that of Cargo.toml', () => {
  const [, version] = /^version = "(.*)"$/m.exec(read('Cargo.toml'));
  const chart = yaml(`${CHART}/Chart.yaml`);
  assert.deepEqual([chart.version, chart.appVersion], [version, version]);
});

test('the icon is that of the pages', () => {
  assert.equal(read(`${CHART}/icon.svg`), read('static/icons/favicon.svg'));
});
