// Open pages: the delay of their live updates, and the cost of two thousand of them.
//
//   node benches/live.mjs    a minute; needs 2,100 open files (ulimit -n)
//
// Method: 10,000 image streams in 400 projects, of which fifty change per second, with an index.
// Each open page is of a project and has a connection of its own over TLS; streams that the console
// ends are opened again, as the script of a page does. Pages are timed on one connection, before
// and meanwhile.

import https from 'node:https';

import { connect, connectHttp2, follow, open, read } from './client.mjs';
import { resident, startCluster, startConsole, until } from './programs.mjs';
import { finish, median, note, quantile } from './table.mjs';

const OPEN = Number(process.env.OPEN ?? 2000);
const PROJECTS = 400;
const TURNS = 400;
const CHANGES = 20;

const cluster = await startCluster(10_000, { projects: PROJECTS, churn: 50 });
const console_ = await startConsole(cluster, { index: 'on' });
const connection = await connect(console_.url);
try {
  await until(console_, ({ ready }) => ready === 1);
  await changes();
  const marks = await marksOfProjects();
  const alone = await pages();
  const before = resident(console_, 'VmRSS');
  const streams = await openAll(marks);
  // 40 MB, including the connections.
  note(`${OPEN} open pages, each on a connection of its own`, resident(console_, 'VmRSS') - before, 38.1, 'MiB');
  const beside = await pages();
  note('p50 of a page, none open', median(alone), null, 'ms');
  note(`p50 of a page beside ${OPEN} ÷ alone`, median(beside) / median(alone), 1.25, '');
  note(`p99 of a page beside ${OPEN}`, quantile(beside, 0.99), 20, 'ms');
  note('news told meanwhile, by page and second', streams.told() / OPEN / streams.seconds(), null, '');
  streams.close();
  // A browser has one connection for all of its pages.
  for (const each of [1, 20]) note(`${OPEN} over HTTP/2, ${each} on a connection`, await overHttp2(each), each === 1 ? null : 38.1, 'MiB');
} finally {
  connection.close();
  await console_.stop();
  await cluster.stop();
}
finish();

/**
 * The memory of as many streams in another console, so many on one connection, including the
 * connections.
 */
async function overHttp2(each) {
  const console_ = await startConsole(cluster, { index: 'on' });
  try {
    await until(console_, ({ ready }) => ready === 1);
    const path = liveOf(await read(`${console_.url}/images/shop`, cluster.cookie));
    const before = resident(console_, 'VmRSS');
    const sessions = [];
    while (sessions.length * each < OPEN) sessions.push(await connectHttp2(console_.url));
    for (const session of sessions) await Promise.all(Array.from({ length: each }, () => session.follow(path, cluster.cookie)));
    const taken = resident(console_, 'VmRSS') - before;
    sessions.forEach(session => session.close());
    return taken;
  } finally {
    await console_.stop();
  }
}

/** The times of a page that is requested repeatedly. */
async function pages() {
  const times = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const answer = await connection.get('/images?sort=pushed', cluster.cookie);
    if (answer.status !== 200) throw new Error(`The page answered ${answer.status}`);
    times.push(answer.took);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  return times;
}

/**
 * The URLs of the live updates of the projects' pages. They are read before the memory is measured.
 */
async function marksOfProjects() {
  const marks = [];
  for (let number = 0; number < PROJECTS; number += 1) marks.push(liveOf(await read(`${console_.url}/images/bench-${number}`, cluster.cookie)));
  return marks;
}

/** Opens the streams of as many pages, with their connections. */
async function openAll(marks) {
  const started = performance.now();
  let told = 0;
  let closing = false;
  const all = new Map();
  const begin = async number => {
    const heard = event => event === 'change' && (told += 1);
    const again = () => !closing && setTimeout(() => !closing && begin(number).catch(() => {}), Math.random() * 1000);
    all.set(number, await follow(await open(console_.url), console_.url, marks[number % PROJECTS], cluster.cookie, heard, again));
  };
  for (let number = 0; number < OPEN; number += 20) await Promise.all(Array.from({ length: 20 }, (_, more) => begin(number + more)));
  const close = () => {
    closing = true;
    all.forEach(stream => stream.close());
  };
  return { told: () => told, seconds: () => (performance.now() - started) / 1000, close };
}

/**
 * From a change, as soon as the API server has answered it, to a page that shows it and to an open
 * page that is notified.
 */
async function changes() {
  const path = liveOf(await read(`${console_.url}/images/shop`, cluster.cookie));
  const [shown, told] = [[], []];
  for (let turn = 0; turn < CHANGES; turn += 1) {
    const name = `news-${turn}`;
    let heard;
    const news = new Promise(resolve => (heard = (event, data) => event === 'change' && data.includes(name) && resolve(performance.now())));
    // From now on: earlier changes do not count.
    const stream = await follow(await open(console_.url), console_.url, turn === 0 ? path : liveOf(await read(`${console_.url}/images/shop`, cluster.cookie)), cluster.cookie, heard);
    await create('shop', name);
    const made = performance.now();
    for (;;) {
      const { status, text } = await connection.get(`/images/shop?q=${name}`, cluster.cookie, 'identity');
      if (status !== 200) throw new Error(`The list answered ${status}`);
      if (text().includes(`/images/shop/${name}"`)) break;
    }
    shown.push(performance.now() - made);
    told.push((await news) - made);
    stream.close();
    // The scheduler pauses for a second after each round: another change within it would be
    // reported later.
    await new Promise(resolve => setTimeout(resolve, 1000));
  }
  note('from a change to a page that shows it, the slowest', Math.max(...shown), 100, 'ms');
  note('from a change to an open page that tells it, p50', median(told), null, 'ms');
  note('from a change to an open page that tells it, the slowest', Math.max(...told), 1100, 'ms');
}

function create(project, name) {
  const body = JSON.stringify({ kind: 'ImageStream', apiVersion: 'image.openshift.io/v1', metadata: { name } });
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', rejectUnauthorized: false, headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' } };
    const request = https.request(`${cluster.master}/apis/image.openshift.io/v1/namespaces/${project}/imagestreams`, options, answer => {
      answer.resume();
      if (answer.statusCode === 201) resolve();
      else reject(new Error(`The master answered ${answer.statusCode}`));
    });
    request.on('error', reject).end(body);
  });
}

/** The URL of a page's live updates. */
function liveOf(html) {
  return /data-live="([^"]+)"/.exec(html)[1].replaceAll(/&#38;|&amp;/g, '&');
}
