// Strict validation: an object may have no field that the API server of a version does not know.
import { readFileSync } from 'node:fs';

import Ajv from 'ajv';

/** Kinds that are custom resources, for which there is no OpenAPI document here. Other tests look at them. */
export const CUSTOM_RESOURCES = ['ConsoleLink', 'PrometheusRule', 'ServiceMonitor'];

const FILES = ['kubernetes-1.9', 'kubernetes-1.25', 'kubernetes-1.37', 'openshift-3.11'];
const EITHER = { anyOf: [{ type: 'string' }, { type: 'number' }] };
const EITHER_NAMES = ['io.k8s.apimachinery.pkg.util.intstr.IntOrString', 'io.k8s.apimachinery.pkg.api.resource.Quantity'];

function load(file) {
  const definitions = JSON.parse(readFileSync(new URL(`schemas/${file}.json`, import.meta.url), 'utf8'));
  const validators = new Map();
  for (const [name, definition] of Object.entries(definitions)) {
    if (EITHER_NAMES.includes(name)) definitions[name] = EITHER;
    else if (definition.properties) definition.additionalProperties = false;
  }
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: file, definitions });
  for (const [name, definition] of Object.entries(definitions)) {
    for (const kind of definition['x-kinds'] ?? []) validators.set(kind, ajv.getSchema(`${file}#/definitions/${name}`));
  }
  return validators;
}

const versions = new Map(FILES.map(file => [file, load(file)]));

/**
 * What the first of these files that knows the object's kind has against it, as texts. Which fields are missing does not count for
 * those that `unchecked` names.
 */
export function problems(object, files, unchecked = []) {
  const kind = `${object.apiVersion} ${object.kind}`;
  const name = `${kind} ${object.metadata?.name}`;
  const file = files.find(candidate => versions.get(candidate).has(kind));
  if (!file) return CUSTOM_RESOURCES.includes(object.kind) ? [] : [`${name} is not a kind of ${files}`];
  const validate = versions.get(file).get(kind);
  if (validate(object)) return [];
  return validate.errors
    .filter(error => error.keyword !== 'required' || !unchecked.includes(file))
    .map(error => `${name} in ${file}: ${error.instancePath} ${error.message} ${error.params.additionalProperty ?? ''}`);
}
