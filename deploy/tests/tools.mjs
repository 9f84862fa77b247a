// Runs Helm and kubectl, and reads what they print.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { parse, parseAllDocuments } from 'yaml';

const tool = name => new URL(`node_modules/.tools/${name}`, import.meta.url);

/** The oldest programs that the chart and the overlays are for, and current ones. */
export const TOOLS = {
  oldest: { helm: tool('helm-3.9'), kubectl: tool('kubectl-1.22') },
  newest: { helm: tool('helm-4.1'), kubectl: tool('kubectl-1.35') },
};

/** The packages contain programs for this architecture alone. */
export const CANNOT_RUN = process.arch === 'x64' ? false : `Helm and kubectl are there for x64, and this is ${process.arch}`;

export const repository = new URL('../../', import.meta.url);
export const read = path => readFileSync(new URL(path, repository), 'utf8');

/** As the API server understands it: in YAML 1.1, `off` without quotes is a Boolean. */
const YAML = { version: '1.1' };
export const yaml = path => parse(read(path), YAML);

/** Sets of values: files of the chart, and the release that they are for. */
export const VALUE_SETS = {
  minimal: ['ci/minimal-values.yaml'],
  full: ['ci/full-values.yaml'],
  'external-oidc': ['ci/external-oidc-values.yaml'],
  'openshift-3': ['values-openshift-3.yaml', 'ci/openshift-3-values.yaml'],
};

const CHART = 'deploy/helm/registry-console';
export const NAMESPACE = 'registry-console';

function run(program, args, cwd = repository) {
  return execFileSync(fileURLToPath(program), args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** The objects of a text with several documents. */
export function objects(text) {
  return parseAllDocuments(text, YAML).map(document => {
    if (document.errors.length) throw document.errors[0];
    return document.toJS();
  }).filter(Boolean);
}

/** What `helm COMMAND` prints for the chart with these files of values. */
export function helm(command, files, { args = [], tools = TOOLS.newest } = {}) {
  const name = command === 'template' || command === 'install' ? [NAMESPACE] : [];
  const values = files.flatMap(file => ['--values', `${CHART}/${file}`]);
  return run(tools.helm, [command, ...name, CHART, '--namespace', NAMESPACE, ...values, ...args]);
}

/** Each text is made once. */
const texts = new Map();
function once(key, make) {
  if (!texts.has(key)) texts.set(key, make());
  return objects(texts.get(key));
}

export const rendered = set => once(set, () => helm('template', VALUE_SETS[set]));

const BASES = new URL('deploy/kustomize/', repository);

/** The objects of an overlay below `folder`. */
export const kustomized = (overlay, { folder = BASES, tools = TOOLS.newest } = {}) =>
  once(`${tools.kubectl} ${folder} ${overlay}`, () => run(tools.kubectl, ['kustomize', `overlays/${overlay}`], folder));

/** The objects of a template, with what stands in it or these values in the place of its parameters. */
export function processed(path, given = {}) {
  const { parameters, objects: all } = yaml(path);
  const values = Object.fromEntries((parameters ?? []).map(({ name, value }) => [name, given[name] ?? value ?? `generated-${name.toLowerCase()}`]));
  const substituted = value => {
    if (Array.isArray(value)) return value.map(substituted);
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substituted(item)]));
    if (typeof value !== 'string') return value;
    const whole = /^\$\{\{(\w+)\}\}$/.exec(value);
    return whole ? JSON.parse(values[whole[1]]) : value.replace(/\$\{(\w+)\}/g, (_, name) => values[name]);
  };
  return substituted(all);
}

/** The only object of that kind and, if given, of that name. */
export function one(all, kind, name) {
  const found = all.filter(object => object.kind === kind && (name === undefined || object.metadata.name === name));
  if (found.length !== 1) throw new Error(`${found.length} objects of kind ${kind} ${name ?? ''}`);
  return found[0];
}

/** The environment of a workload's container, by name. */
export function environment(all, workload) {
  const [container] = workload.spec.template.spec.containers;
  const maps = (container.envFrom ?? []).map(({ configMapRef }) => one(all, 'ConfigMap', configMapRef.name).data);
  const own = container.env.map(({ name, value }) => [name, value]);
  return { ...Object.assign({}, ...maps), ...Object.fromEntries(own) };
}
