// The numbers of space and pruning, recomputed from the answers of the API server with the user's token, and compared with those of the console.
// Nothing here is shared with the program: layers are sets of digests, and the pruner's rules are those of its sources.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { getJson, startDemo } from './demo.mjs';

let demo;
before(async () => (demo = await startDemo()));
after(() => demo?.stop());

const HOUR = 3_600_000;

/** A list of the API server. What the user may not list, or the cluster does not have, is empty. */
async function list(path) {
  const { status, json } = await getJson(`${demo.api}${path}`, demo.token);
  assert.ok([200, 403, 404].includes(status), `${path}: ${status}`);
  return status === 200 ? json.items ?? [] : [];
}

/** The JSON form of a page, loaded until what it has read does not change. */
async function page(path) {
  let previous;
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const { status, json } = await getJson(`${demo.url}/api/v1${path}`, demo.token);
    assert.equal(status, 200, path);
    const scope = JSON.stringify([json.scope, json.freed_by_rules?.scope]);
    if (scope === previous) return json;
    previous = scope;
  }
  assert.fail(`${path} never settles`);
}

/** The visible image streams with the layers of their images, and what runs. */
async function readCluster() {
  const projects = (await list('/apis/project.openshift.io/v1/projects')).map(project => project.metadata.name);
  const streams = [];
  /** By digest: a `Map` of layers to sizes, or of an index the digests of its images. */
  const images = new Map();
  for (const project of projects) {
    for (const stream of await list(`/apis/image.openshift.io/v1/namespaces/${project}/imagestreams`)) {
      const { name } = stream.metadata;
      const tags = (stream.status.tags ?? []).map(({ tag, items }) => ({ tag, events: items ?? [] }));
      streams.push({ project, name, created: Date.parse(stream.metadata.creationTimestamp), tags });
      if (!tags.length) continue;
      const path = `/apis/image.openshift.io/v1/namespaces/${project}/imagestreams/${name}/layers`;
      const { status, json } = await getJson(demo.api + path, demo.token);
      assert.equal(status, 200, path);
      for (const [digest, image] of Object.entries(json.images)) {
        if (image.imageMissing) continue;
        const stored = (image.layers ?? []).filter(layer => !/foreign|nondistributable/.test(json.blobs[layer]?.mediaType ?? ''));
        const layers = new Map(image.manifests ? [] : stored.map(layer => [layer, json.blobs[layer].size]));
        images.set(digest, { layers, children: image.manifests ?? [] });
      }
    }
  }
  return { projects, streams, images };
}

/** The image and, of an index, the images that it lists. */
const withChildren = (images, digest) => [digest, ...(images.get(digest)?.children ?? [])];

/** The layers of the images in the histories of tags, with their sizes. */
function layersOf(images, tags) {
  const layers = new Map();
  for (const { image } of tags.flatMap(({ events }) => events)) {
    for (const one of withChildren(images, image)) {
      for (const [layer, size] of images.get(one)?.layers ?? []) layers.set(layer, size);
    }
  }
  return layers;
}

const sum = layers => [...layers.values()].reduce((total, size) => total + size, 0);
const without = (layers, others) => new Map([...layers].filter(([layer]) => !others.has(layer)));
/** A size of the console. Layers of imported images are stored once they have been pulled. */
const bytes = size => size.bytes + size.imported;

test('projects, image streams and tags take what nothing else has, and share the rest', async () => {
  const { streams, images } = await readCluster();
  const tagsOf = found => found.flatMap(({ tags }) => tags);
  for (const project of ['shop', 'payments', 'edge']) {
    const [own, others] = [streams.filter(one => one.project === project), streams.filter(one => one.project !== project)];
    const total = layersOf(images, tagsOf(own));
    const exclusive = without(total, layersOf(images, tagsOf(others)));
    const current = layersOf(images, tagsOf(own).map(({ events }) => ({ events: events.slice(0, 1) })));
    const shown = await page(`/projects/${project}/space`);
    assert.equal(bytes(shown.space.total), sum(total), `${project}: stored once`);
    assert.equal(bytes(shown.space.own), sum(exclusive), `${project}: own`);
    assert.equal(bytes(shown.space.own_history), sum(without(exclusive, current)), `${project}: own and in no tag`);
    assert.equal(bytes(shown.shared), sum(total) - sum(exclusive), `${project}: shared`);
    assert.ok(shown.space.own.at_most, 'the developer does not see all projects');
  }
  for (const stream of streams.filter(({ project }) => project === 'shop')) {
    const total = layersOf(images, stream.tags);
    const elsewhere = layersOf(images, tagsOf(streams.filter(other => other !== stream)));
    const shown = await page(`/images/shop/${stream.name}/space`);
    assert.equal(bytes(shown.space.total), sum(total), `${stream.name}: stored once`);
    assert.equal(bytes(shown.space.own), sum(without(total, elsewhere)), `${stream.name}: own`);
    for (const row of shown.tags) {
      const [of, rest] = [stream.tags.filter(({ tag }) => tag === row.tag), stream.tags.filter(({ tag }) => tag !== row.tag)];
      const freed = without(without(layersOf(images, of), layersOf(images, rest)), elsewhere);
      assert.equal(bytes(row.own), sum(freed), `${stream.name}:${row.tag}`);
    }
  }
});

test('a cleanup frees the layers that only the selected tags have', async () => {
  const { streams, images } = await readCluster();
  const stream = streams.find(({ project, name }) => project === 'shop' && name === 'storefront');
  const elsewhere = layersOf(images, streams.filter(other => other !== stream).flatMap(({ tags }) => tags));
  let freedAny = false;
  for (const rules of ['keep=1', 'keep=3&unused=1', 'pattern=1.*', 'days=2']) {
    const shown = await page(`/images/shop/storefront/remove-tags?${rules}`);
    const selected = new Set(shown.dry_run.selected);
    if (!selected.size) continue;
    const [going, staying] = [stream.tags.filter(({ tag }) => selected.has(tag)), stream.tags.filter(({ tag }) => !selected.has(tag))];
    const freed = without(without(layersOf(images, going), layersOf(images, staying)), elsewhere);
    assert.equal(bytes(shown.freed_by_rules.freed), sum(freed), rules);
    freedAny ||= sum(freed) > 0;
  }
  assert.ok(freedAny, 'some rule frees something');
});

/** `host/project/stream:tag` or `@digest` as `project/stream:tag` or `project/stream@digest`; null for other pull specs. */
function streamReference(text) {
  const match = /^([^/\s]+)\/([a-z0-9._-]+)\/([a-z0-9._-]+)(?::([\w.-]+))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text);
  if (!match) return null;
  const [, , project, stream, tag, digest] = match;
  return digest ? `${project}/${stream}@${digest}` : `${project}/${stream}:${tag ?? 'latest'}`;
}

/** What workloads name: a function that tells whether something counts as used with this cutoff. */
async function readUses(projects) {
  const always = new Set();
  const endedPods = [];
  const ofPod = spec => [...(spec.initContainers ?? []), ...(spec.containers ?? [])].map(({ image }) => streamReference(image ?? '')).filter(Boolean);
  const templates = [
    ['/apis/apps.openshift.io/v1', 'deploymentconfigs'], ['/apis/apps/v1', 'deployments'], ['/apis/apps/v1', 'statefulsets'], ['/apis/apps/v1', 'daemonsets'],
    ['/apis/apps/v1', 'replicasets'], ['/api/v1', 'replicationcontrollers'], ['/apis/batch/v1', 'jobs'], ['/apis/batch/v1', 'cronjobs'],
  ];
  for (const project of projects) {
    for (const [group, resource] of templates) {
      for (const { spec } of await list(`${group}/namespaces/${project}/${resource}`)) {
        ofPod((spec.jobTemplate?.spec ?? spec).template.spec).forEach(name => always.add(name));
      }
    }
    for (const pod of await list(`/api/v1/namespaces/${project}/pods`)) {
      const names = ofPod(pod.spec);
      if (['Running', 'Pending'].includes(pod.status.phase)) names.forEach(name => always.add(name));
      else endedPods.push({ names, created: Date.parse(pod.metadata.creationTimestamp) });
    }
    for (const resource of ['builds', 'buildconfigs']) {
      for (const { spec } of await list(`/apis/build.openshift.io/v1/namespaces/${project}/${resource}`)) {
        const { kind, namespace, name } = Object.values(spec.strategy).find(value => value?.from)?.from ?? {};
        if (kind === 'DockerImage') always.add(streamReference(name));
        else if (kind) always.add(`${namespace ?? project}/${name}`);
      }
    }
  }
  return (name, cutoff) => always.has(name) || endedPods.some(({ names, created }) => created > cutoff && names.includes(name));
}

/** What `oc adm prune images` of 4.12 and later removes: the images that no rule keeps. */
function removedImages({ streams, images }, isUsed, revisions, cutoff) {
  const kept = new Set();
  const firstSeen = new Map();
  for (const { project, name, created, tags } of streams) {
    for (const { tag, events } of tags) {
      for (const [position, event] of events.entries()) {
        const time = Date.parse(event.created);
        firstSeen.set(event.image, Math.min(firstSeen.get(event.image) ?? Infinity, time));
        const isKept = created > cutoff || time > cutoff || (position === 0 && isUsed(`${project}/${name}:${tag}`, cutoff))
          || (images.has(event.image) && (position < revisions || isUsed(`${project}/${name}@${event.image}`, cutoff)));
        if (isKept) kept.add(event.image);
      }
    }
  }
  for (const digest of [...kept]) withChildren(images, digest).forEach(child => kept.add(child));
  const seen = new Set([...firstSeen.keys()].flatMap(digest => withChildren(images, digest)));
  return new Set([...seen].filter(digest => images.has(digest) && !kept.has(digest) && !((firstSeen.get(digest) ?? 0) > cutoff)));
}

test('a prune plan frees the layers of images that no rule keeps', async () => {
  const cluster = await readCluster();
  const { streams, images, projects } = cluster;
  const isUsed = await readUses(projects);
  const ages = { '60m': HOUR, '24h': 24 * HOUR, '168h': 7 * 24 * HOUR };
  const freedIn = (removed, tags) => {
    const stays = new Set([...images].filter(([digest]) => !removed.has(digest)).flatMap(([, { layers }]) => [...layers.keys()]));
    const going = tags.map(tag => ({ events: tag.events.flatMap(({ image }) => withChildren(images, image)).filter(image => removed.has(image)).map(image => ({ image })) }));
    return sum(without(layersOf(new Map([...images].map(([digest, image]) => [digest, { ...image, children: [] }])), going), stays));
  };
  let freedAny = false;
  for (const [path, ofScope] of [
    ['/projects/shop/space/plan', ({ project }) => project === 'shop'],
    ['/projects/payments/space/plan', ({ project }) => project === 'payments'],
    ['/images/shop/storefront/space/plan', ({ project, name }) => project === 'shop' && name === 'storefront'],
  ]) {
    const shown = await page(path);
    const tags = streams.filter(ofScope).flatMap(stream => stream.tags);
    const now = Date.now();
    for (const row of shown.savings) {
      for (const cell of row.freed) {
        const removed = removedImages(cluster, isUsed, row.keep_tag_revisions, now - ages[cell.keep_younger_than]);
        const freed = freedIn(removed, tags);
        assert.equal(bytes(cell.size), freed, `${path}: ${row.keep_tag_revisions} revisions, ${cell.keep_younger_than}`);
        freedAny ||= freed > 0;
      }
    }
    // Without revisions, only what is in use and what is young stays.
    const all = await page(`${path}?keep-tag-revisions=0&keep-younger-than=24h`);
    const removed = removedImages(cluster, isUsed, 0, now - 24 * HOUR);
    assert.equal(bytes(all.freed), freedIn(removed, tags), `${path}: no revisions`);
    const inScope = new Set(tags.flatMap(({ events }) => events.flatMap(({ image }) => withChildren(images, image))));
    assert.equal(all.removed_images, [...inScope].filter(digest => removed.has(digest)).length, path);
  }
  assert.ok(freedAny, 'some parameters free something');
});
