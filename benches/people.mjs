// A hundred users with different rights, who request lists, searches and overviews as fast as one
// core of the console can render them.
//
//   node benches/people.mjs               a minute
//   SECONDS=60 node benches/people.mjs    as long as you like
//
// Method: 10,000 image streams of 20 tags in 400 projects, with an index. The first user may see 4
// projects, the next 8, the last all of them. The console has one core; the cluster and this client
// share the others. What users may see is confirmed by the API server once a minute for each,
// within the time that is measured.

import { connect } from './client.mjs';
import { processorTime, resident, startCluster, startConsole, until } from './programs.mjs';
import { finish, median, note, quantile } from './table.mjs';

const PEOPLE = 100;
const SECONDS = Number(process.env.SECONDS ?? 20);
const CONNECTIONS = 8;
const PAGES = ['/', '/images', '/images?sort=pushed', '/images?q=stream-7', '/images?q=1.7&page=2', '/projects', '/search?q=stream-77', '/search?q=1.7'];

const cluster = await startCluster(10_000, { projects: 400, people: PEOPLE });
const console_ = await startConsole(cluster, { index: 'on', core: 0 });
try {
  await until(console_, ({ ready }) => ready === 1);
  const cookies = [];
  for (let person = 0; person < PEOPLE; person += 1) cookies.push(await cluster.cookieOf(`person-${person}`));
  const visits = Array.from({ length: CONNECTIONS }, () => connect(console_.url));
  const connections = await Promise.all(visits);
  const times = [];
  let errors = 0;
  let turn = 0;
  const visit = async (connection, measured) => {
    // One after the other, so that every user requests every page, and none the same twice in a
    // row.
    const at = turn++;
    const answer = await connection.get(PAGES[at % PAGES.length], cookies[Math.floor(at / PAGES.length) % PEOPLE]);
    if (answer.status !== 200) errors += 1;
    if (measured) times.push(answer.took);
  };
  // Each user once, so that the API server has confirmed what they may see.
  while (turn < PEOPLE * PAGES.length) await Promise.all(connections.map(connection => visit(connection, false)));
  const [processor, started] = [processorTime(console_), performance.now()];
  await Promise.all(connections.map(async connection => {
    while (performance.now() - started < SECONDS * 1000) await visit(connection, true);
  }));
  const seconds = (performance.now() - started) / 1000;
  note('pages in a second, on one core', times.length / seconds, null, '');
  note('1,000 ÷ that', 1000 / (times.length / seconds), 1, '');
  note('pages that went wrong', errors, 0, '');
  note(`p50, ${CONNECTIONS} pages at a time`, median(times), null, 'ms');
  note(`p99, ${CONNECTIONS} pages at a time`, quantile(times, 0.99), null, 'ms');
  note('processor time of the console for a page', ((processorTime(console_) - processor) / times.length) * 1000, 1, 'ms');
  note('resident', resident(console_, 'VmRSS'), 120, 'MiB');
  connections.forEach(connection => connection.close());
} finally {
  await console_.stop();
  await cluster.stop();
}
finish();
