// The program under test: `registry-console demo` on free ports.

import { spawn } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import readline from 'node:readline';
import tls from 'node:tls';

const PROGRAM = process.env.CONSOLE_BIN ?? 'target/debug/registry-console';
const ARGUMENTS = ['demo', '--port', '0', '--api-port', '0', '--oauth-port', '0', '--issuer-port', '0', '--registry-port', '0'];
const PATIENCE = 30_000;

/** The users of the demo, by their rights. The password of each is the name. */
export const USERS = ['admin', 'developer', 'viewer', 'outsider'];

/**
 * Starts the demo, with additional `flags`, and waits until it prints the URL of the console, that of the API server and a token of `developer`.
 *
 * @returns {Promise<{url: string, api: string, token: string, stop: () => Promise<void>}>}
 */
export async function startDemo(flags = []) {
  const program = spawn(PROGRAM, [...ARGUMENTS, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  const known = {};
  const found = new Promise((resolve, reject) => {
    readline.createInterface({ input: program.stdout }).on('line', line => {
      said.push(line);
      const match = /^(Console|API):\s+(https:\/\/\S+)/.exec(line);
      if (match) known[match[1]] = new URL(match[2]).origin;
      const token = /printf %s (\S+) \| skopeo login/.exec(line)?.[1];
      if (token) resolve({ url: known.Console, api: known.API, token });
    });
    readline.createInterface({ input: program.stderr }).on('line', line => said.push(line));
    program.on('error', fault => reject(new Error(`${PROGRAM}: ${fault.message}`)));
    program.on('exit', code => reject(new Error(`The demo left with ${code}:\n${said.join('\n')}`)));
    setTimeout(() => reject(new Error(`The demo did not say where the console is:\n${said.join('\n')}`)), PATIENCE).unref();
  });
  try {
    return { ...(await found), stop: () => stop(program) };
  } catch (fault) {
    program.kill('SIGKILL');
    throw fault;
  }
}

async function stop(program) {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const gone = once(program, 'exit');
  // SIGTERM waits for a load balancer first.
  program.kill('SIGINT');
  const late = setTimeout(() => program.kill('SIGKILL'), PATIENCE);
  await gone;
  clearTimeout(late);
}

/**
 * Hashes of the keys of all servers in a sign-in, for Chromium's list of trusted keys: without it,
 * Chromium does not cache anything from these servers, and a second visit would cost as much as the
 * first.
 */
export async function trustedKeys(url) {
  const origins = await signInOrigins(url);
  return Promise.all([...origins].map(keyHash));
}

async function signInOrigins(url) {
  const origins = new Set();
  let next = new URL(url);
  for (let hop = 0; next && hop < 6; hop += 1) {
    origins.add(next.origin);
    const location = await redirectOf(next);
    next = location ? new URL(location, next) : null;
  }
  return origins;
}

function redirectOf(url) {
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, headers: { accept: 'text/html' }, agent: false };
    https.get(url, options, answer => {
      answer.resume();
      resolve(answer.headers.location);
    }).on('error', reject);
  });
}

function keyHash(origin) {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host: hostname, port: Number(port) || 443, rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      const key = new X509Certificate(raw).publicKey.export({ type: 'spki', format: 'der' });
      resolve(createHash('sha256').update(key).digest('base64'));
    });
    socket.on('error', reject);
  });
}

/** What a GET with a token answers: its status and, if it is JSON, its value. */
export function getJson(url, token) {
  return new Promise((resolve, reject) => {
    const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
    https.get(url, { rejectUnauthorized: false, headers }, async answer => {
      let text = '';
      for await (const part of answer.setEncoding('utf8')) text += part;
      const isJson = /json/.test(answer.headers['content-type'] ?? '');
      resolve({ status: answer.statusCode, json: isJson ? JSON.parse(text) : null });
    }).on('error', reject);
  });
}
