// A small load generator over node:net: `load-generator.ts <url> <connections> <seconds>` prints a LoadResult as JSON.
// One request at a time on each connection, no pipelining.
import { connect, type Socket } from 'node:net';
import type { LoadResult } from '../support/load.ts';
import { responseEnd } from '../support/response-end.ts';
import { percentile } from '../support/statistics.ts';

const [url = '', connections = '1', seconds = '1'] = process.argv.slice(2);
const { hostname, port, pathname, search, host } = new URL(url);
const message = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\n\r\n`;
const latencies: number[] = [];
let errors = 0;
const start = performance.now();
const end = start + Number(seconds) * 1000;

await Promise.all(Array.from({ length: Number(connections) }, () => converse()));
const sorted = Float64Array.from(latencies).sort();
const result: LoadResult = {
  requests: latencies.length,
  seconds: (performance.now() - start) / 1000,
  p50Ms: percentile(sorted, 0.5),
  p99Ms: percentile(sorted, 0.99),
  errors,
};
console.log(JSON.stringify(result));

/** Requests on one connection until time is up; a connection that breaks is counted and not replaced. */
function converse(): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let received = '';
    let sentAt = 0;
    const send = (): void => {
      sentAt = performance.now();
      socket.write(message, 'latin1');
    };
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('data', (chunk: string) => {
      received += chunk;
      const length = responseEnd(received);
      if (length === undefined) return;
      count(received, performance.now() - sentAt);
      received = received.slice(length);
      if (performance.now() < end) send();
      else socket.end();
    });
    socket.on('error', () => errors++);
    socket.on('close', () => resolve());
    setTimeout(() => giveUp(socket), end - start + 10_000).unref();
  });
}

function count(response: string, milliseconds: number): void {
  if (response.startsWith('HTTP/1.1 2')) latencies.push(milliseconds);
  else errors++;
}

function giveUp(socket: Socket): void {
  if (socket.destroyed) return;
  errors++;
  socket.destroy();
}
