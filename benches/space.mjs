// Speed and memory of "Space" and of prune plans: prints a table, and fails if a value exceeds its limit.
//
//   node benches/space.mjs   some minutes
//
// Method: the cluster has 10,000 image streams in 400 projects. Each of their 20 tags has an image of
// its own, of twelve layers: eight of one of 50 bases, two of the image stream, two of its own. The
// administrator sees all of them. The first page takes a request for each image stream; it is loaded
// again until everything was read. Then the images are in memory for 30 seconds, in which the pages are
// measured. The memory is what the process has more than before the first page, once the allocator has
// returned what the load freed, which it does within ten seconds. It includes the records of images
// by digest, which have a bound of their own: 32 MiB. Another console then reads all sizes in the background
// (INDEX_SIZES); its memory is compared with that of one with an index alone.
//
// The limits are guards with room for a noisy machine: they fail if something is slower by a multiple.

import { connect } from './client.mjs';
import { indexOf, resident, startCluster, startConsole, until } from './programs.mjs';
import { finish, median, note, quantile } from './table.mjs';

const STREAMS = Number(process.env.STREAMS ?? 10_000);
const PROJECTS = Number(process.env.PROJECTS ?? 400);
const TURNS = Number(process.env.TURNS ?? 60);
const LOADS = 60;
/** Longer than jemalloc keeps pages that are not used (`dirty_decay_ms`). */
const ALLOCATOR_MS = 12_000;
/** The bound of the records of images. */
const RECORDS_MIB = 32;

const cluster = await startCluster(STREAMS, { projects: PROJECTS, ownImages: true });
let console_ = await startConsole(cluster);
let connection = await connect(console_.url);
try {
  await connection.get('/projects/bench-7', cluster.cookie);
  const before = resident(console_, 'VmRSS');
  const started = performance.now();
  const space = await everything();
  note(`${STREAMS} x 20 x 12 layers: all read after`, (performance.now() - started) / 1000, null, 's');
  note('images', space.space.images, null, '');
  await new Promise(resolve => setTimeout(resolve, ALLOCATOR_MS));
  const memory = resident(console_, 'VmRSS') - before;
  note('resident with all images − without', memory, 150 + RECORDS_MIB, 'MiB');
  const project = await timed('/projects/bench-7/space', TURNS);
  note('space of a project, warm: p50', median(project), 10, 'ms');
  note('space of a project, warm: p99', quantile(project, 0.99), 100, 'ms');
  await everything();
  note('prune plan of everything, warm: p50', median(await timed('/space/plan', 5)), 500, 'ms');
  await everything();
  note('space of everything, warm: p50', median(await timed('/space', 5)), 1000, 'ms');
  note('resident at most', resident(console_, 'VmHWM') - before, null, 'MiB');
  await restart({ index: 'on' });
  await until(console_, numbers => numbers.streams >= STREAMS);
  await new Promise(resolve => setTimeout(resolve, ALLOCATOR_MS));
  const indexed = resident(console_, 'VmRSS');
  await restart({ index: 'on', env: { INDEX_SIZES: 'on', INDEX_SIZES_RATE: '100' } });
  await until(console_, numbers => numbers.streams >= STREAMS && numbers.sizeImages > 0 && numbers.sizeWaiting === 0);
  await new Promise(resolve => setTimeout(resolve, ALLOCATOR_MS));
  const sizes = await indexOf(console_);
  note('images in the index', sizes.sizeImages, null, '');
  note('their sizes, estimated', sizes.sizeBytes / 2 ** 20, 128, 'MiB');
  note('resident with sizes in the index − without', resident(console_, 'VmRSS') - indexed, 150, 'MiB');
  connection = await connect(console_.url);
  const [first] = await timed('/projects/bench-7/space', 1);
  note('space of a project, sizes in the index: first page', first, null, 'ms');
} finally {
  connection.close();
  await console_.stop();
  await cluster.stop();
}
finish();

async function restart(options) {
  connection.close();
  await console_.stop();
  console_ = await startConsole(cluster, options);
}

/** The space of everything, once all projects are read. */
async function everything() {
  for (let load = 0; load < LOADS; load += 1) {
    const answer = await connection.get('/api/v1/space?wait=long', cluster.cookie, 'identity');
    const space = JSON.parse(answer.text());
    if (space.read.all === space.read.read && space.scope.unread_images === 0) return space;
  }
  throw new Error('not all projects were read');
}

async function timed(path, turns) {
  const times = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const answer = await connection.get(path, cluster.cookie);
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    times.push(answer.took);
  }
  return times;
}
