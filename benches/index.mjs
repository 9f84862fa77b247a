// Speed and memory of lists from the index: prints a table, and fails if a value exceeds its limit.
//
//   node benches/index.mjs                 some minutes
//   EVENTS=1000000 node benches/index.mjs  a day of a busy cluster while the memory is watched: some minutes more
//
// Method: as in ratios.mjs. 10,000 image streams of 20 tags in 400 projects (200,000 tag events),
// then 2,000 and 20,000 image streams. Every page is measured warm, alternately with the other
// pages and with fixed files, on one connection over TLS; its whole time counts, since it waits for
// no upstream. The console has one core.
//
// The limits are guards with room for a noisy machine: they fail if something is slower by a
// multiple.

import { connect } from './client.mjs';
import { fixedAnswers } from './fixed.mjs';
import { indexOf, logged, resident, startCluster, startConsole, until } from './programs.mjs';
import { finish, median, note, quantile } from './table.mjs';

const TURNS = Number(process.env.TURNS ?? 200);
const EVENTS = Number(process.env.EVENTS ?? 100_000);
/** Changes of the cluster per second while the memory is measured. */
const CHURN = 5_000;
const PROJECTS = 400;
/** Each tag of the cluster has one event, all of them since yesterday. */
const TAGS = 20;
/** What happened to the tags: these pages read the events of all tags that their user may see. */
const ACTIVITY = ['/', '/?changed=30', '/projects/bench-7/activity?changed=30'];
const PAGES = [
  '/images',
  '/images?sort=pushed',
  '/images?sort=tags&page=7',
  '/images?q=stream-7',
  '/images?q=1.7',
  '/images/bench-7',
  '/projects',
  '/search?q=1.7',
  '/search?q=stream-77',
  '/search?q=bench-7+1.1&kind=tags&page=3',
  // A typing error: nothing has this name.
  '/search?q=strema-77',
  '/search?q=sha256:0123456',
];

await tenThousand();
await fewAndMany();
await flat();
finish();

/** Each kind of page. */
async function tenThousand() {
  const indexed = await start(10_000);
  const { console_, ready } = indexed;
  try {
    const { listed } = await indexOf(console_);
    note('listing 10000 streams of 20 tags', listed, null, 's');
    note('from start to ready ÷ that list', ready / 1000 / listed, 1.5, '');
    note('resident, ready', resident(console_, 'VmRSS'), 120, 'MiB');
    await inTurn(indexed);
    await activity(indexed, 10_000 * TAGS);
    note('resident, after these pages', resident(console_, 'VmRSS'), 120, 'MiB');
  } finally {
    await indexed.stop();
  }
}

/**
 * The same pages of a small and of a large cluster, alternately, so that other load affects both.
 */
async function fewAndMany() {
  const few = await start(2_000);
  const many = await start(20_000);
  try {
    // A project contains more image streams in a larger cluster, so its page differs.
    for (const path of PAGES.filter(path => !path.includes('bench-'))) {
      const times = [[], []];
      for (let turn = 0; turn < TURNS; turn += 1) {
        for (const [at, indexed] of [few, many].entries()) times[at].push((await page(indexed, path)).took);
      }
      note(`${path}: of 20,000 streams ÷ of 2,000`, median(times[1]) / median(times[0]), 1.6, '');
      note(`${path}: p50 of 20,000 streams`, median(times[1]), 2, 'ms');
    }
  } finally {
    await few.stop();
    await many.stop();
  }
}

/** A cluster of so many image streams, and a console on one core whose index is ready. */
async function start(streams) {
  const cluster = await startCluster(streams, { projects: PROJECTS });
  const console_ = await startConsole(cluster, { index: 'on', core: 0 });
  const ready = await until(console_, numbers => numbers.ready === 1);
  const connection = await connect(console_.url);
  const stop = async () => {
    connection.close();
    await console_.stop();
    await cluster.stop();
  };
  return { cluster, console_, connection, ready, stop };
}

/**
 * All pages in turn, each followed by the fixed responses, so that a slow moment affects all of
 * them.
 */
async function inTurn(indexed) {
  const { console_, connection, cluster } = indexed;
  const measured = [];
  for (const path of PAGES) measured.push({ path, bytes: (await page(indexed, path)).bytes, times: [], asked: 0 });
  const fixed = await fixedAnswers(console_, connection, cluster.cookie);
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const each of measured) {
      const answer = await page(indexed, each.path);
      const { upstream_calls: upstreams } = await logged(console_, answer.id);
      if (upstreams) each.asked += 1;
      each.times.push(answer.took);
      await fixed.turn();
    }
  }
  for (const { path, bytes, times, asked } of measured) {
    note(`${path} (${bytes} bytes): p50`, median(times), 2, 'ms');
    note(`${path}: p99`, quantile(times, 0.99), 20, 'ms');
    note(`${path} ÷ fixed answer of that size`, median(times) / fixed.ofSize(bytes), 6, '');
    note(`${path}: requests that asked the master`, asked, 0, '');
  }
}

/**
 * The pages with activity. Their time grows with the number of events, unlike that of lists: the
 * limit is for this number of events, on one core.
 */
async function activity(indexed, events) {
  for (const path of ACTIVITY) {
    const times = [];
    for (let turn = 0; turn < TURNS; turn += 1) times.push((await page(indexed, path)).took);
    note(`${path} of ${events} tag events: p50`, median(times), 60, 'ms');
    note(`${path} of ${events} tag events: p99`, quantile(times, 0.99), 150, 'ms');
  }
}

/** A page, which must have the status 200. */
async function page({ connection, cluster }, path) {
  const answer = await connection.get(path, cluster.cookie);
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
  return answer;
}

/** The resident memory while changes arrive for a long time. */
async function flat() {
  const cluster = await startCluster(10_000, { projects: PROJECTS, churn: CHURN });
  const console_ = await startConsole(cluster, { index: 'on' });
  try {
    await until(console_, ({ events }) => events >= EVENTS / 4);
    const early = resident(console_, 'VmRSS');
    await until(console_, ({ events }) => events >= EVENTS);
    note(`resident after ${EVENTS / 4} changes`, early, 120, 'MiB');
    note(`resident after ${EVENTS} changes`, resident(console_, 'VmRSS'), 120, 'MiB');
    note('these two, one ÷ other', resident(console_, 'VmRSS') / early, 1.1, '');
    const { troubles, why } = await indexOf(console_);
    note(`times that the index lost touch meanwhile ${why}`.trim(), troubles, 0, '');
  } finally {
    await console_.stop();
    await cluster.stop();
  }
}
