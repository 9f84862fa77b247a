// Attacks that need no session, one after the other, while probes and a signed-in user continue to
// use the console.
//
//   node tests/soak.mjs [ATTACK…]    two minutes; the names of the attacks are in soak/attacks.mjs
//
// The console has the limits of a pod with 256 MiB. The test passes if every probe is answered
// within a second, as well as 99 of 100 pages of the user (and the probes of old templates, which
// use the port of the pages), none fails, and the resident memory stays within 256 MiB. The
// attackers run in a process of their own, so that they do not delay the measurements.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

import { resident, startCluster, startConsole } from '../benches/programs.mjs';
import { ATTACKS } from './soak/attacks.mjs';

const SECONDS = Number(process.env.SECONDS ?? 20);
const MEMORY = 256;
const SLOWEST = 1000;
const wanted = process.argv.slice(2);

const cluster = await startCluster(200, { projects: 10 });
const console_ = await startConsole(cluster, { env: { MEMORY_LIMIT: `${MEMORY}Mi` } });
let failed = false;
try {
  console.log(`resident before: ${resident(console_, 'VmRSS').toFixed(0)} MiB`);
  const series = name => `${name.padEnd(7)} number failed    p99 slowest`;
  console.log(`attack      ${series('probes')}    ${series('on 9090')}    ${series('pages')}    resident MiB`);
  for (const name of Object.keys(ATTACKS).filter(name => wanted.length === 0 || wanted.includes(name))) {
    const result = await during(name);
    failed = print(name, result) || failed;
  }
} finally {
  await console_.stop();
  await cluster.stop();
}
process.exitCode = failed ? 1 : 0;

/** The durations of probes and pages during this attack. */
async function during(name) {
  const attacker = fork(new URL('./soak/attacks.mjs', import.meta.url), [name, console_.url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const gone = once(attacker, 'exit');
  const until = performance.now() + SECONDS * 1000;
  const [probes, old, pages] = Array.from({ length: 3 }, () => ({ times: [], failed: 0 }));
  let memory = 0;
  const metrics = new URL(console_.metrics);
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  const page = { headers: { cookie: cluster.cookie }, rejectUnauthorized: false };
  await Promise.all([
    repeat(until, 100, () => timed(probes, http, new URL('/healthz', metrics), { agent: false })),
    repeat(until, 100, () => timed(probes, http, new URL('/readyz', metrics), { agent: false })),
    repeat(until, 200, () => timed(old, http, new URL('/healthz', console_.url.replace('https', 'http')), { agent: false })),
    repeat(until, 200, () => timed(pages, https, new URL('/images', console_.url), { ...page, agent })),
    repeat(until, 500, () => timed(pages, https, new URL('/projects', console_.url), { ...page, agent: false })),
    repeat(until, 50, () => { memory = Math.max(memory, resident(console_, 'VmRSS')); }),
  ]);
  agent.destroy();
  attacker.kill('SIGKILL');
  await gone;
  return { probes, old, pages, memory };
}

/** Requests `url`, and again if the connection was closed before the response, as browsers do. */
async function timed(series, library, url, options, again = true) {
  const started = performance.now();
  try {
    const status = await new Promise((resolve, reject) => {
      const request = library.get(url, { ...options, timeout: 10_000 }, answer => answer.resume().on('end', () => resolve(answer.statusCode)).on('error', reject));
      request.on('error', reject).on('timeout', () => request.destroy(new Error('no answer within ten seconds')));
    });
    if (status !== 200) throw new Error(`status ${status}`);
  } catch (fault) {
    if (again && ['ECONNRESET', 'EPIPE'].includes(fault.code)) return timed(series, library, url, options, false);
    series.failed += 1;
    series.why ??= fault.message;
  }
  series.times.push(performance.now() - started);
}

async function repeat(until, every, work) {
  while (performance.now() < until) {
    await work();
    await new Promise(resolve => setTimeout(resolve, every));
  }
}

/** Prints a line; returns true if the value exceeds its limit. */
function print(name, { probes, old, pages, memory }) {
  const at = ({ times }, share) => times.toSorted((one, other) => one - other)[Math.ceil(times.length * share) - 1] ?? Infinity;
  const series = one => [one.times.length, one.failed, at(one, 0.99).toFixed(0), at(one, 1).toFixed(0)].map((value, n) => String(value).padStart([14, 7, 7, 8][n])).join('');
  console.log(`${name.padEnd(12)}${[probes, old, pages].map(series).join('    ')}    ${memory.toFixed(0).padStart(12)}`);
  for (const one of [probes, old, pages]) if (one.why) console.log(`    ${one.why}`);
  return probes.failed + old.failed + pages.failed > 0 || at(probes, 1) > SLOWEST || at(old, 0.99) > SLOWEST || at(pages, 0.99) > SLOWEST || memory > MEMORY;
}
