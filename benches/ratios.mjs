// Speed and memory, in one run: prints a table of the measured values and their limits, and fails
// if one exceeds its limit.
//
//   node benches/ratios.mjs            everything, a minute or two
//   VIEWS=2000 node benches/ratios.mjs fewer page views before the memory is looked at
//
// Method: the embedded cluster runs in one process, the console in another. Times are medians,
// measured alternately with what they are compared to, on one connection that is kept open, by a
// client that does nothing else. "Own" time is the time that the client waited less the time during
// which the console itself waited for at least one upstream call (according to its log). Decoding
// responses of the API server is own time as well, and reported separately, because it grows with
// the response and not with the page.

import { statSync } from 'node:fs';

import { connect } from './client.mjs';
import { PROGRAM, fixedFile, freePort, kindsOfPages, logged, resident, startCluster, startConsole, startDelay } from './programs.mjs';
import { finish, median, note } from './table.mjs';

const PAIRS = Number(process.env.PAIRS ?? 60);
const VIEWS = Number(process.env.VIEWS ?? 10_000);
const DELAY = 50;

note('binary', statSync(PROGRAM).size / 2 ** 20, 25, 'MiB');
await startUp();
await aPageAmongMany();
await overTheSlowestCall();
await memory();

finish();

/**
 * R6: from the start of the process to the first 200 of /readyz, while nothing listens at the
 * addresses of the API server and the registry.
 */
async function startUp() {
  const times = [];
  for (let turn = 0; turn < 7; turn += 1) {
    const nowhere = `https://127.0.0.1:${await freePort()}`;
    const console_ = await startConsole({ master: nowhere, registry: nowhere });
    times.push(console_.readyAfter);
    await console_.stop();
  }
  note('ready after start, all upstreams down', median(times), 200, 'ms');
}

/**
 * A page of 50 image streams out of 2,000, alternately with a fixed file of at most the same size.
 */
async function aPageAmongMany() {
  const cluster = await startCluster(2000);
  const console_ = await startConsole(cluster);
  const connection = await connect(console_.url);
  try {
    await connection.get('/images', cluster.cookie);
    const { bytes: size } = await connection.get('/images', cluster.cookie);
    const fixed = await fixedFile(console_, connection, cluster.cookie, size);
    const [pages, readings, files] = [[], [], []];
    for (let turn = 0; turn < PAIRS; turn += 1) {
      const page = await connection.get('/images', cluster.cookie);
      const { upstream_wait_us, decode_us } = await logged(console_, page.id);
      pages.push(page.took - (upstream_wait_us + decode_us) / 1000);
      readings.push(decode_us / 1000);
      files.push((await connection.get(fixed.path)).took);
    }
    note(`page of 50 of 2,000 streams (${size} bytes): own time`, median(pages), null, 'ms');
    note(`fixed file (${fixed.bytes} bytes)`, median(files), null, 'ms');
    note('page ÷ fixed file', median(pages) / median(files), 3, '');
    note('reading the master\'s list of 2,000 streams, 40,000 tags', median(readings), null, 'ms');
  } finally {
    connection.close();
    await console_.stop();
    await cluster.stop();
  }
}

/** Each kind of page, while each upstream call takes DELAY longer: what the page adds to that. */
async function overTheSlowestCall() {
  const cluster = await startCluster();
  const wires = [await startDelay(cluster.master, DELAY), await startDelay(cluster.registry, DELAY)];
  const console_ = await startConsole({ ...cluster, master: wires[0].url, registry: wires[1].url });
  const connection = await connect(console_.url);
  try {
    for (const path of await kindsOfPages(console_, cluster.cookie)) {
      const [own, rounds] = [[], []];
      for (let turn = 0; turn < 20; turn += 1) {
        const page = await connection.get(path, cluster.cookie);
        if (page.status !== 200) throw new Error(`${path} answered ${page.status}`);
        const { upstream_wait_us } = await logged(console_, page.id);
        own.push(page.took - upstream_wait_us / 1000);
        rounds.push(Math.round(upstream_wait_us / 1000 / DELAY));
      }
      note(`own time of ${path.slice(0, 36)} (${median(rounds)} rounds of calls)`, median(own), 10, 'ms');
    }
  } finally {
    connection.close();
    await console_.stop();
    wires.forEach(wire => wire.stop());
    await cluster.stop();
  }
}

/** The resident memory after many page views, four at a time. */
async function memory() {
  const cluster = await startCluster();
  const console_ = await startConsole(cluster);
  try {
    const pages = await kindsOfPages(console_, cluster.cookie);
    note('resident at start', resident(console_, 'VmRSS'), null, 'MiB');
    let left = VIEWS;
    const started = performance.now();
    const viewer = async () => {
      const connection = await connect(console_.url);
      for (; left > 0; left -= 1) {
        const page = await connection.get(pages[left % pages.length], cluster.cookie);
        if (page.status !== 200) throw new Error(`A page answered ${page.status}`);
      }
      connection.close();
    };
    await Promise.all([viewer(), viewer(), viewer(), viewer()]);
    note(`resident after ${VIEWS} page views`, resident(console_, 'VmRSS'), 40, 'MiB');
    note('page views in a second, two processes on all cores', VIEWS / ((performance.now() - started) / 1000), null, '');
  } finally {
    await console_.stop();
    await cluster.stop();
  }
}
