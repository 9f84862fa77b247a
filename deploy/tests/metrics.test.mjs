// Alerts and the dashboard use metrics and labels that docs/metrics.md lists: another test compares that table with the program.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parser } from '@prometheus-io/lezer-promql';

import { read, yaml } from './tools.mjs';

/** Labels that Prometheus adds to what it scrapes. */
const TARGET_LABELS = ['instance', 'job', 'namespace', 'pod', 'service'];

/** Labels by name. A histogram has three series, and its buckets a label `le`. */
const METRICS = new Map();
for (const [, name, type, labels] of read('docs/metrics.md').matchAll(/^\| `(registry_console_\w+)` \| (\w+) \| (.*?) \|/gm)) {
  const names = [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label);
  if (type !== 'histogram') METRICS.set(name, names);
  else for (const [suffix, more] of [['count', []], ['sum', []], ['bucket', ['le']]]) METRICS.set(`${name}_${suffix}`, [...names, ...more]);
}

const RULES = yaml('deploy/helm/registry-console/alerts.yaml').rules;
const DASHBOARD = JSON.parse(read('deploy/helm/registry-console/dashboards/registry-console.json'));
const PANELS = DASHBOARD.rows.flatMap(row => row.panels);

/** Names of metrics and of labels of an expression. */
function used(expression) {
  const names = { metrics: new Set(), labels: new Set() };
  parser.parse(expression).iterate({
    enter: node => {
      const text = expression.slice(node.from, node.to);
      assert.ok(!node.type.isError, `${expression}: at ${node.from}`);
      if (node.name === 'Identifier' && node.node.parent.name === 'VectorSelector') names.metrics.add(text);
      if (node.name === 'LabelName') names.labels.add(text);
    },
  });
  return names;
}

function assertDocumented(place, expression) {
  const { metrics, labels } = used(expression);
  assert.ok(metrics.size > 0, place);
  const known = new Set(TARGET_LABELS);
  for (const metric of metrics) {
    assert.ok(METRICS.has(metric), `${place}: docs/metrics.md has no ${metric}`);
    METRICS.get(metric).forEach(label => known.add(label));
  }
  for (const label of labels) assert.ok(known.has(label), `${place}: ${[...metrics]} have no label ${label}`);
}

test('docs/metrics.md has the metrics', () => assert.ok(METRICS.size > 30));

test('alerts use documented metrics and labels', () => {
  for (const { alert, expr, annotations } of RULES) {
    assertDocumented(alert, expr);
    assert.deepEqual(Object.keys(annotations).sort(), ['description', 'summary'], alert);
    for (const [metric] of annotations.description.matchAll(/registry_console_\w+/g)) assert.ok(METRICS.has(metric), `${alert}: ${metric}`);
  }
});

test('there is an alert for each condition of docs/metrics.md', () => {
  const table = read('docs/metrics.md').split('## What to alert on')[1].split('\n## ')[0];
  const conditions = [...table.matchAll(/^\| (`.*?) \| /gm)].map(([, condition]) => condition);
  assert.ok(conditions.length >= 5);
  const alerted = new Set(RULES.flatMap(({ expr }) => [...used(expr).metrics]));
  for (const condition of conditions) {
    for (const [name] of condition.matchAll(/registry_console_\w+/g)) assert.ok(alerted.has(name), name);
  }
});

test('the dashboard uses documented metrics and labels', () => {
  assert.ok(PANELS.length > 10);
  assert.equal(new Set(PANELS.map(panel => panel.id)).size, PANELS.length);
  for (const { title, targets } of PANELS) {
    for (const { expr, legendFormat } of targets) {
      assertDocumented(title, expr);
      const kept = used(expr).labels;
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) assert.ok(kept.has(label), `${title}: {{${label}}}`);
    }
  }
  const { query } = DASHBOARD.templating.list.find(variable => variable.name === 'namespace');
  assert.ok(METRICS.has(/label_values\((\w+), namespace\)/.exec(query)[1]));
});
