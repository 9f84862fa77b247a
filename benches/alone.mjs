// Without an index: how long a user with forty projects waits for all their image streams, and how
// long for those of one project.
//
//   node benches/alone.mjs    half a minute
//
// Method: the embedded cluster takes 400 microseconds for each KiB of a response, as the real
// OpenShift 3.9 did (7 to 9 seconds for 19 MB). One page lists one project, the other all forty.
// The console's cache of lists expires before each. The first time after signing in, it does not
// know either which projects the user had the last time.

import { connect } from './client.mjs';
import { startCluster, startConsole } from './programs.mjs';
import { finish, median, note } from './table.mjs';

const TURNS = Number(process.env.TURNS ?? 5);
/** A user who may see 40 of the 400 projects. */
const PERSON = 'person-9';

const cluster = await startCluster(10_000, { projects: 400, people: 10, pace: 400 });
const console_ = await startConsole(cluster);
const connection = await connect(console_.url);
try {
  const cookie = await cluster.cookieOf(PERSON);
  const first = await connection.get('/api/v1/images', cookie, 'identity');
  const { projects } = JSON.parse(first.text());
  const [all, slowest] = [[], []];
  for (let turn = 0; turn < TURNS; turn += 1) {
    await forgotten();
    all.push((await connection.get('/images', cookie)).took);
    const each = [];
    for (const project of projects.filter(name => name.startsWith('bench-')).slice(0, 10)) each.push((await connection.get(`/images/${project}`, cookie)).took);
    slowest.push(Math.max(...each));
  }
  const firsts = [];
  for (let turn = 0; turn < TURNS; turn += 1) firsts.push((await connection.get('/images', await cluster.cookieOf(PERSON))).took);
  note('projects that the person sees', projects.length, null, '');
  note('their slowest single project', median(slowest), null, 'ms');
  note('all of them', median(all), null, 'ms');
  note('all ÷ the slowest single one', median(all) / median(slowest), 1.8, '');
  note('all of them, the first time', median(firsts), null, 'ms');
  note('all, the first time ÷ the slowest single one', median(firsts) / median(slowest), 1.8, '');
} finally {
  connection.close();
  await console_.stop();
  await cluster.stop();
}
finish();

/** A list is cached for three seconds. */
function forgotten() {
  return new Promise(resolve => setTimeout(resolve, 3_100));
}
