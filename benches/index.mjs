// Speed and memory of lists that come from the index: prints a table, and fails where something is over its limit.
//
//   node benches/index.mjs                 some minutes
//   EVENTS=1000000 node benches/index.mjs  a day of a busy cluster while the memory is watched: some minutes more
//
// How: as in ratios.mjs. 10,000 image streams of 20 tags in 400 projects, then 2,000 and 20,000. Every page is taken warm, in turn with fixed files,
// on one connection over TLS; its whole time counts, since it waits for nobody. The console has one core.

import { connect } from './client.mjs';
import { fixedAnswers } from './fixed.mjs';
import { indexOf, logged, resident, startCluster, startConsole, until } from './programs.mjs';
import { median, note, print, quantile } from './table.mjs';

const TURNS = Number(process.env.TURNS ?? 200);
const EVENTS = Number(process.env.EVENTS ?? 100_000);
/** Changes of the cluster in a second, while the memory is watched. */
const CHURN = 5_000;
const PROJECTS = 400;
const PAGES = [
  '/',
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
  // A slip: nothing is called that.
  '/search?q=strema-77',
  '/search?q=sha256:0123456',
];

await pages(10_000, true);
const [few, many] = [await pages(2_000, false), await pages(20_000, false)];
// A project holds more streams where there are more: its page is another one.
for (const path of PAGES.filter(path => !path.includes('bench-'))) note(`${path}: of 20,000 streams ÷ of 2,000`, many.get(path) / few.get(path), 1.3, '');
await flat();
print();

/** The median of every kind of page, in milliseconds. */
async function pages(streams, told) {
  const cluster = await startCluster(streams, { projects: PROJECTS });
  const console_ = await startConsole(cluster, { index: 'on', core: 0 });
  const connection = await connect(console_.url);
  try {
    const ready = await until(console_, numbers => numbers.ready === 1);
    if (told) {
      const { listed } = await indexOf(console_);
      note(`listing ${streams} streams of 20 tags`, listed, null, 's');
      note('from start to ready ÷ that list', ready / 1000 / listed, 1.5, '');
      note('resident, ready', resident(console_, 'VmRSS'), 120, 'MiB');
    }
    const medians = new Map();
    for (const path of PAGES) medians.set(path, await page(console_, connection, cluster.cookie, path, told));
    if (told) note('resident, after these pages', resident(console_, 'VmRSS'), 120, 'MiB');
    return medians;
  } finally {
    connection.close();
    await console_.stop();
    await cluster.stop();
  }
}

async function page(console_, connection, cookie, path, told) {
  const { bytes } = await connection.get(path, cookie);
  const fixed = await fixedAnswers(console_, connection, cookie);
  const times = [];
  let asked = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const answer = await connection.get(path, cookie);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    const { upstreams } = await logged(console_, answer.id);
    if (upstreams) asked += 1;
    times.push(answer.took);
    await fixed.turn();
  }
  if (told) {
    note(`${path} (${bytes} bytes): p50`, median(times), 5, 'ms');
    note(`${path}: p99`, quantile(times, 0.99), 20, 'ms');
    note(`${path} ÷ fixed answer of that size`, median(times) / fixed.ofSize(bytes), 4, '');
    note(`${path}: requests that asked the master`, asked, 0, '');
  }
  return median(times);
}

/** What is resident while changes come for a long time. */
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
