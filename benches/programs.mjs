// The programs that are measured: an embedded cluster and, in a process of its own, the console of
// that cluster.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

import { read, signIn } from './client.mjs';

export const PROGRAM = process.env.CONSOLE_BIN ?? 'target/release/registry-console';
/**
 * Both consoles have the same session key, so that a session of one is valid at the other, as with
 * replicas.
 */
const KEY = Buffer.alloc(64, 'not a secret: it is used for measurements alone. ').toString('base64');

/**
 * An embedded cluster with `moreStreams` in so many projects, of which `churn` change every second,
 * and so many more users and pods, with images of their own if `ownImages`; its responses take at least `pace` microseconds for each KiB. Returns
 * also the cookies of its administrator, and a token of its developer.
 */
export async function startCluster(moreStreams = 0, { projects, churn = 0, people = 0, pods = 0, pace = 0, ownImages = false } = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'registry-console-'));
  const authority = path.join(folder, 'ca.pem');
  const indexToken = path.join(folder, 'token');
  const flags = ['--no-index', '--index-token-file', indexToken, '--churn', String(churn), '--more-people', String(people), '--more-pods', String(pods), '--pace', String(pace), ...(ownImages ? ['--own-images'] : []), ...(projects ? ['--more-projects', String(projects)] : []), '--port', '0', '--api-port', '0', '--oauth-port', '0', '--registry-port', '0'];
  const program = spawn(PROGRAM, ['demo', ...flags, '--more-streams', String(moreStreams), '--ca-file', authority], {
    env: { SESSION_KEY: KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const urls = {};
  let token;
  for await (const line of readline.createInterface({ input: program.stdout })) {
    const said = /^(Console|API|Registry):\s+(\S+)/.exec(line);
    token ??= /printf %s (\S+) \| skopeo login/.exec(line)?.[1];
    if (said) urls[said[1]] = said[2].replace(/^(?!https)/, 'https://');
    if (line.startsWith('Stop')) break;
  }
  const stop = async () => {
    await end(program);
    rmSync(folder, { recursive: true });
  };
  const cookieOf = user => signIn(urls.Console, user);
  return { master: urls.API, registry: urls.Registry, authority, indexToken, token, cookieOf, cookie: await cookieOf('admin'), stop };
}

/**
 * The console of `cluster`, on one `core` if it is given, with its log: what each request waited
 * for and read, by request id.
 */
export async function startConsole({ master, registry, authority, indexToken }, { index = 'off', core, env = {} } = {}) {
  const [port, metrics] = [await freePort(), await freePort()];
  const url = `https://127.0.0.1:${port}`;
  const api = new URL(master);
  const command = core === undefined ? [PROGRAM] : ['taskset', '--cpu-list', String(core), PROGRAM];
  const program = spawn(command[0], [...command.slice(1), 'serve'], {
    env: {
      LISTEN: `127.0.0.1:${port}`,
      METRICS_LISTEN: `127.0.0.1:${metrics}`,
      COCKPIT_KUBE_URL: url,
      KUBERNETES_SERVICE_HOST: api.hostname,
      KUBERNETES_SERVICE_PORT: api.port,
      KUBERNETES_INSECURE: 'true',
      OPENSHIFT_OAUTH_PROVIDER_URL: master,
      OPENSHIFT_OAUTH_CLIENT_SECRET: 'nobody signs in here',
      REGISTRY_URL: registry,
      ...(authority && { REGISTRY_CA_FILE: authority }),
      INDEX: index,
      ...(indexToken && { INDEX_TOKEN_FILE: indexToken }),
      SESSION_KEY: KEY,
      LOG_FORMAT: 'json',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const started = performance.now();
  const requests = new Map();
  for (const stream of [program.stdout, program.stderr]) {
    readline.createInterface({ input: stream }).on('line', line => {
      const entry = JSON.parse(line);
      if (entry.request_id) requests.set(entry.request_id, entry);
    });
  }
  const readyAfter = await ready(port, program, started);
  return { url, metrics: `http://127.0.0.1:${metrics}/metrics`, pid: program.pid, started, readyAfter, requests, stop: () => end(program) };
}

/**
 * The console's log line of the request called `id`. It may arrive a little later than the
 * response.
 */
export async function logged({ requests }, id) {
  for (let turn = 0; turn < 5000; turn += 1) {
    const line = requests.get(id);
    if (line) {
      requests.delete(id);
      return line;
    }
    await new Promise(resolve => setTimeout(resolve, 1));
  }
  throw new Error(`The log does not mention ${id}`);
}

/** A proxy to `url` that delays every byte of a response by `delay` milliseconds. */
export async function startDelay(url, delay) {
  const { hostname, port } = new URL(url);
  const sockets = new Set();
  const server = net.createServer(near => {
    const far = net.connect({ host: hostname, port: Number(port), noDelay: true });
    near.setNoDelay(true);
    near.pipe(far);
    far.on('data', data => setTimeout(() => near.writable && near.write(data), delay));
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => setTimeout(() => other.destroy(), delay));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = () => {
    sockets.forEach(socket => socket.destroy());
    server.close();
  };
  return { url: `https://127.0.0.1:${server.address().port}`, stop };
}

/** A port on which nothing listens. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function ready(port, program, started) {
  for (;;) {
    if (program.exitCode !== null) throw new Error(`${PROGRAM} left with ${program.exitCode}`);
    const status = await new Promise(resolve => {
      http.get({ host: '127.0.0.1', port, path: '/readyz', agent: false }, answer => resolve(answer.resume().statusCode)).on('error', () => resolve(0));
    });
    if (status === 200) return performance.now() - started;
    if (performance.now() - started > 10_000) throw new Error(`${PROGRAM} is not ready after ten seconds`);
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

async function end(program) {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const gone = once(program, 'exit');
  program.kill('SIGKILL');
  await gone;
}

/** The console's metrics of its index. */
export async function indexOf({ metrics }) {
  const text = await new Promise((resolve, reject) => {
    http.get(metrics, { agent: false }, answer => {
      const parts = [];
      answer.on('data', part => parts.push(part)).on('end', () => resolve(Buffer.concat(parts).toString()));
    }).on('error', reject);
  });
  const lines = name => [...text.matchAll(new RegExp(`^registry_console_index_${name}(?:\\{([^}]*)\\})? (\\S+)$`, 'gm'))];
  const sum = name => lines(name).reduce((all, [, , value]) => all + Number(value), 0);
  const why = lines('troubles_total').map(([, labels, value]) => `${labels} ${value}`).join(', ');
  return { workloadKinds: sum('workloads_ready'), workloadBytes: sum('workload_memory_bytes'), streams: sum('image_streams'), sizeWaiting: sum('size_waiting'), sizeImages: sum('size_images'), sizeBytes: sum('size_memory_bytes'), ready: sum('ready'), events: sum('events_total'), troubles: sum('troubles_total'), why, listed: sum('list_seconds_sum') };
}

/** Waits until the index has these numbers; returns the milliseconds since the console's start. */
export async function until(console_, is) {
  for (;;) {
    const numbers = await indexOf(console_);
    if (is(numbers)) return performance.now() - console_.started;
    if (performance.now() - console_.started > 1_200_000) throw new Error(`The index is not ready: ${JSON.stringify(numbers)}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** The processor time that the console has used so far, in seconds. */
export function processorTime({ pid }) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The largest file of the page that is no larger than `size` on the wire. */
export async function fixedFile(console_, connection, cookie, size) {
  const html = await read(`${console_.url}/images`, cookie);
  const paths = [...html.matchAll(/(?:href|src)="(\/assets\/[^"#]+)/g)].map(([, path]) => path);
  const files = [];
  for (const path of new Set(paths)) files.push({ path, bytes: (await connection.get(path)).bytes });
  return files.filter(({ bytes }) => bytes <= size).sort((one, other) => other.bytes - one.bytes)[0];
}

/** One page of each kind, found by links. */
export async function kindsOfPages({ url }, cookie) {
  const first = async (path, pattern) => {
    const html = await read(`${url}${path}`, cookie);
    return pattern.exec(html)?.[1] ?? Promise.reject(new Error(`${path} has no link like ${pattern}`));
  };
  const stream = await first('/images', /href="(\/images\/[a-z0-9-]+\/[a-z0-9-]+)"/);
  const tag = await first(stream, /href="(\/images\/[a-z0-9-]+\/[a-z0-9-]+:[^"?]+)"/);
  const project = await first('/projects', /href="(\/projects\/[a-z0-9-]+)"/);
  return ['/', '/images', stream, tag, '/projects', project];
}

/** Memory of the process, in MiB. */
export function resident({ pid }, field) {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
