// `waiting-clients.ts <url> <count>` opens so many connections, then sends one request on each at once, and prints how
// many were answered.
import { connect, type Socket } from 'node:net';
import { responseEnd } from '../support/response-end.ts';

const CONNECTING_AT_ONCE = 200;
const TIMEOUT_MS = 120_000;

const [url = '', count = '0'] = process.argv.slice(2);
const { hostname, port, pathname, search, host } = new URL(url);
const message = `GET ${pathname}${search} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
const reasons = new Map<string, number>();

const sockets: Socket[] = [];
let left = Number(count);
await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, openMany));
const start = performance.now();
const answers = await Promise.all(sockets.map(ask));
const answered = answers.filter((answer) => answer).length;
const seconds = (performance.now() - start) / 1000;
console.log(JSON.stringify({ connected: sockets.length, answered, seconds, reasons: Object.fromEntries(reasons) }));
process.exit();

async function openMany(): Promise<void> {
  while (left-- > 0) {
    const socket = await open();
    if (socket) sockets.push(socket);
  }
}

function open(): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => {
      note(error.code ?? error.message);
      resolve(undefined);
    });
  });
}

function ask(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let received = '';
    socket.setEncoding('latin1').setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('timeout')));
    socket.on('data', (chunk: string) => {
      received += chunk;
    });
    socket.on('close', () => {
      const good = received.startsWith('HTTP/1.1 200') && responseEnd(received) !== undefined;
      if (!good) note(received.split('\r\n', 1)[0] || 'closed without an answer');
      resolve(good);
    });
    socket.write(message);
  });
}

function note(reason: string): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}
