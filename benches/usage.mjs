// Speed and memory of "Used by": prints a table, and fails if a value exceeds its limit.
//
//   node benches/usage.mjs   some minutes
//
// Method: as in index.mjs. Without the index, the workloads of 40 projects of 250 pods are read with
// the user's token; the same lists of the project that takes longest are measured directly, with the
// requests that the console sends. The embedded cluster shares the processors of this machine with the
// console, and needs more of them for 30 MB of lists than the console does: it answers four times as
// slowly as OpenShift 3.9 did, so that the ratio shows how the console waits. The console's own
// processor time has a limit of its own. With workloads in the index, the cluster has 50,000 pods in 400
// projects, and the memory is compared with that of a console whose index has no workloads.
//
// The limits are guards with room for a noisy machine: they fail if something is slower by a
// multiple.

import { readFileSync } from 'node:fs';
import https from 'node:https';

import { connect } from './client.mjs';
import { indexOf, processorTime, resident, startCluster, startConsole, until } from './programs.mjs';
import { finish, median, note, quantile } from './table.mjs';

const TURNS = Number(process.env.TURNS ?? 100);
/** Lists are cached for each session, so that each of these needs another one. */
const ON_DEMAND_TURNS = Number(process.env.ON_DEMAND_TURNS ?? 5);
/** Microseconds for each KiB of a list, as recorded of OpenShift 3.9. */
const RECORDED_PACE = 400;
const SLOW_PACE = 4 * RECORDED_PACE;
const PAGE = '/images/bench-7/stream-7:1.0/used-by';
/** What the console lists of a project. */
const LISTS = [
  '/api/v1/namespaces/P/pods',
  '/api/v1/namespaces/P/replicationcontrollers',
  '/apis/apps/v1/namespaces/P/deployments',
  '/apis/apps/v1/namespaces/P/replicasets',
  '/apis/apps/v1/namespaces/P/statefulsets',
  '/apis/apps/v1/namespaces/P/daemonsets',
  '/apis/batch/v1/namespaces/P/jobs',
  '/apis/batch/v1/namespaces/P/cronjobs',
  '/apis/apps.openshift.io/v1/namespaces/P/deploymentconfigs',
  '/apis/build.openshift.io/v1/namespaces/P/buildconfigs',
  '/apis/build.openshift.io/v1/namespaces/P/builds',
];

await onDemand(RECORDED_PACE, { isLimited: false });
await onDemand(SLOW_PACE, { isLimited: true });
await indexed();
finish();

/** 10,000 pods in 40 projects, read with the token of a user who sees these projects. */
async function onDemand(pace, { isLimited }) {
  const cluster = await startCluster(40, { projects: 40, pods: 40 * 250, pace });
  const console_ = await startConsole(cluster);
  try {
    const [pages, slowest, processor] = [[], [], []];
    for (let turn = 0; turn < ON_DEMAND_TURNS; turn += 1) {
      const cookie = await cluster.cookieOf('pod-reader');
      slowest.push(await slowestProject(cluster));
      const before = processorTime(console_);
      pages.push(await timed(console_, cookie));
      processor.push((processorTime(console_) - before) * 1000);
    }
    const at = `${pace} µs/KiB`;
    note(`${at}: all lists of the slowest project of 40 x 250 pods`, median(slowest), null, 'ms');
    note(`${at}: used by, on demand: p50`, median(pages), null, 'ms');
    note(`${at}: these two, page ÷ lists`, median(pages) / median(slowest), isLimited ? 1.5 : null, '');
    note(`${at}: processor time of the console for the page`, median(processor), 400, 'ms');
  } finally {
    await console_.stop();
    await cluster.stop();
  }
}

/** 50,000 pods from memory. */
async function indexed() {
  const cluster = await startCluster(400, { projects: 400, pods: 50_000 });
  const memory = [];
  try {
    for (const workloads of ['off', 'on']) {
      const console_ = await startConsole(cluster, { index: 'on', env: { INDEX_WORKLOADS: workloads } });
      try {
        await until(console_, numbers => numbers.ready === 1 && (workloads === 'off' || numbers.workloadKinds === LISTS.length));
        if (workloads === 'on') {
          note('used by, 50,000 pods, first page', await timed(console_, cluster.cookie), null, 'ms');
          const times = [];
          for (let turn = 0; turn < TURNS; turn += 1) times.push(await timed(console_, cluster.cookie));
          note('used by, 50,000 pods, from the index: p50', median(times), 5, 'ms');
          note('used by, 50,000 pods, from the index: p99', quantile(times, 0.99), 50, 'ms');
          note('estimated memory of the workloads', (await indexOf(console_)).workloadBytes / 2 ** 20, null, 'MiB');
        }
        memory.push(resident(console_, 'VmRSS'));
      } finally {
        await console_.stop();
      }
    }
    note('resident without workloads in the index', memory[0], null, 'MiB');
    note('50,000 pods: resident with workloads − without', memory[1] - memory[0], 57.2, 'MiB');
  } finally {
    await cluster.stop();
  }
}

/** How long the page takes; it must be complete. */
async function timed(console_, cookie) {
  const connection = await connect(console_.url);
  try {
    const answer = await connection.get(PAGE, cookie);
    if (answer.status !== 200) throw new Error(`${PAGE} answered ${answer.status}`);
    return answer.took;
  } finally {
    connection.close();
  }
}

/** The time of all lists of a project, which are requested at once: of the project that takes longest. */
async function slowestProject(cluster) {
  let slowest = 0;
  for (const project of ['bench-0', 'bench-20', 'bench-39']) {
    const started = performance.now();
    await Promise.all(LISTS.map(path => list(cluster, path.replace('/P/', `/${project}/`))));
    slowest = Math.max(slowest, performance.now() - started);
  }
  return slowest;
}

function list({ master, indexToken }, path) {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${readFileSync(indexToken, 'utf8').trim()}` };
    https.get(`${master}${path}?limit=500`, { rejectUnauthorized: false, headers }, answer => {
      if (answer.statusCode !== 200) reject(new Error(`${path} answered ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    }).on('error', reject);
  });
}
