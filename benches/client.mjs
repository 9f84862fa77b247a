// A minimal HTTP client, so that the measurement is of the server and not of the client.

import http2 from 'node:http2';
import https from 'node:https';
import tls from 'node:tls';

/** A connection that is kept open, with one request at a time. */
export async function connect(url) {
  const { hostname, port, host } = new URL(url);
  const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  socket.setNoDelay(true);
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  let waiting;
  let parts = [];
  socket.on('data', data => {
    parts.push(data);
    const answer = whole(parts);
    if (!answer) return;
    parts = [];
    waiting.resolve(answer);
  });
  socket.on('error', fault => waiting?.reject(fault));
  const closed = () => new Error('the connection was closed');
  socket.on('close', () => waiting?.reject(closed()));
  return {
    /**
     * Requests `path` and returns the whole response with its duration in milliseconds; its `text`
     * can be read only if it was not compressed.
     */
    get(path, cookie = '', encoding = 'gzip') {
      const started = performance.now();
      return new Promise((resolve, reject) => {
        // By the server, while it was idle.
        if (!socket.writable) return void reject(closed());
        waiting = { resolve: answer => resolve({ ...answer, took: performance.now() - started }), reject };
        parts = [];
        socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: text/html\r\naccept-encoding: ${encoding}\r\ncookie: ${cookie}\r\n\r\n`);
      });
    },
    close: () => socket.destroy(),
  };
}

/** A new connection. */
export async function open(url) {
  const { hostname, port } = new URL(url);
  const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

/**
 * An event stream on a connection. `heard` is called with the name and the data of each event,
 * `ended` at the end.
 */
export async function follow(socket, url, path, cookie, heard, ended = () => {}) {
  const { host } = new URL(url);
  let text = '';
  const begun = new Promise((resolve, reject) => {
    socket.on('data', data => {
      text += data.toString('latin1');
      const status = /^HTTP\/1.1 (\d+)/.exec(text)?.[1];
      if (status === '200') resolve();
      else if (status) reject(new Error(`${path} answered ${status}`));
      for (let event; (event = /event: (\w+)\n(?:[^\n]+\n)*?data: (.*)\n(?:[^\n]+\n)*\n/.exec(text)); text = text.slice(event.index + event[0].length)) heard(event[1], event[2]);
    });
    socket.on('close', () => reject(new Error('the stream was closed')));
  });
  socket.on('error', () => {}).on('close', ended);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\nsec-fetch-site: same-origin\r\ncookie: ${cookie}\r\n\r\n`);
  await begun;
  return { close: () => socket.destroy() };
}

/** An HTTP/2 connection, on which event streams can be opened. */
export async function connectHttp2(url) {
  const session = http2.connect(url, { rejectUnauthorized: false });
  await new Promise((resolve, reject) => session.once('connect', resolve).once('error', reject));
  session.on('error', () => {});
  const follow = async (path, cookie) => {
    const stream = session.request({ ':path': path, cookie, accept: 'text/event-stream', 'sec-fetch-site': 'same-origin' });
    const status = await new Promise((resolve, reject) => stream.once('response', headers => resolve(headers[':status'])).once('error', reject));
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    stream.on('error', () => {}).resume();
  };
  return { follow, close: () => session.destroy() };
}

/** The response in `parts`, once it is complete. */
function whole(parts) {
  const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const body = bytes.subarray(end + 4);
  const length = /^content-length: (\d+)/im.exec(head);
  const complete = length ? body.length >= Number(length[1]) : body.subarray(-5).toString('latin1') === '0\r\n\r\n';
  if (!complete) return null;
  return { status: Number(head.slice(9, 12)), id: /^x-request-id: (\S+)/im.exec(head)?.[1], bytes: bytes.length, text: () => body.toString() };
}

/** Signs in as `user` with the form of the OAuth server, and returns the cookies of the console. */
export async function signIn(url, user) {
  const jars = new Map();
  let page = await visit(jars, new URL('/login', url));
  const fields = new URLSearchParams(hiddenFields(page.text));
  fields.set('username', user);
  fields.set('password', user);
  const action = /<form[^>]* action="([^"]*)"/.exec(page.text)?.[1] ?? '';
  page = await visit(jars, new URL(decoded(action), page.url), fields.toString());
  if (page.url.origin !== url) throw new Error(`Signing in ended at ${page.url}`);
  return cookiesFor(jars, page.url);
}

/** The text of a page. */
export async function read(url, cookie) {
  return (await ask(url, { headers: { cookie } })).text;
}

async function visit(jars, url, form) {
  const headers = { cookie: cookiesFor(jars, url) };
  if (form) headers['content-type'] = 'application/x-www-form-urlencoded';
  const answer = await ask(url, { method: form ? 'POST' : 'GET', headers }, form);
  const jar = jars.get(url.origin) ?? new Map();
  jars.set(url.origin, jar);
  for (const cookie of answer.cookies) {
    const [name, value] = cookie.split(';')[0].split(/=(.*)/s);
    if (/max-age=0\b/i.test(cookie)) jar.delete(name);
    else jar.set(name, value);
  }
  return answer.location ? visit(jars, new URL(answer.location, url)) : { url, text: answer.text };
}

function cookiesFor(jars, { origin }) {
  return [...(jars.get(origin) ?? [])].map(pair => pair.join('=')).join('; ');
}

function hiddenFields(html) {
  const inputs = html.match(/<input[^>]*type="hidden"[^>]*>/g) ?? [];
  return inputs.map(input => [/name="([^"]*)"/.exec(input)[1], decoded(/value="([^"]*)"/.exec(input)?.[1] ?? '')]);
}

function decoded(html) {
  return html.replace(/&#x?([0-9a-f]+);|&amp;/gi, (entity, code) => (code ? String.fromCodePoint(Number(entity[2] === 'x' ? `0x${code}` : code)) : '&'));
}

function ask(url, options, body) {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { rejectUnauthorized: false, ...options }, answer => {
      const parts = [];
      answer.on('data', part => parts.push(part));
      answer.on('end', () => resolve({
        location: answer.headers.location,
        cookies: answer.headers['set-cookie'] ?? [],
        text: Buffer.concat(parts).toString(),
      }));
    });
    request.on('error', reject);
    request.end(body);
  });
}
