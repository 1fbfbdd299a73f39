// Loads a server over HTTP/1.1 with TLS, or over HTTP/2: `load-protocol.ts <url> <http1|http2> <connections> <streams>
// <seconds>`. Each connection has so many requests at once; the next one begins when one is answered. Prints a LoadResult.

import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { percentile } from '../support/statistics.ts';

const [url = '', version, connections, streams, seconds] = process.argv.slice(2);
const ms = Number(seconds) * 1000;
const latencies: number[] = [];
let errors = 0;

/** Asks once; resolves to whether the answer was a good one. */
type Ask = () => Promise<boolean>;

const agent = new Agent({ keepAlive: true, maxSockets: Number(connections), rejectUnauthorized: false });

const overHttp1: Ask = () =>
  new Promise((resolve) => {
    const asked = request(url, { agent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
    });
    asked.on('error', () => resolve(false)).end();
  });

function overHttp2(session: ClientHttp2Session, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    let status: unknown;
    const stream = session.request({ ':path': path });
    stream.on('response', (headers) => {
      status = headers[':status'];
    });
    stream.on('error', () => resolve(false));
    stream.on('close', () => resolve(status === 200));
    stream.resume();
  });
}

async function askOn(ask: Ask, end: number): Promise<void> {
  for (let now = performance.now(); now < end; now = performance.now()) {
    if (await ask()) latencies.push(performance.now() - now);
    else errors++;
  }
}

function asks(): Ask[] {
  const count = Number(connections);
  if (version === 'http1') return Array.from({ length: count }, () => overHttp1);
  const sessions = Array.from({ length: count }, () => connect(url, { rejectUnauthorized: false }));
  const { pathname } = new URL(url);
  const each = (session: ClientHttp2Session): Ask[] =>
    Array.from({ length: Number(streams) }, () => () => overHttp2(session, pathname));
  return sessions.flatMap(each);
}

const start = performance.now();
await Promise.all(asks().map((ask) => askOn(ask, start + ms)));
const sorted = latencies.toSorted((one, other) => one - other);
const taken = (performance.now() - start) / 1000;
const result = {
  requests: sorted.length,
  seconds: taken,
  p50Ms: percentile(sorted, 0.5),
  p99Ms: percentile(sorted, 0.99),
};
process.stdout.write(`${JSON.stringify({ ...result, errors })}\n`, () => process.exit());
