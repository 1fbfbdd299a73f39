// `soak-load.ts <url> <seconds>`: a mixture of well-behaved and badly behaved requests, each kind at a rate of its own.
// Prints how many of each kind ended as they should.
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

interface Kind {
  readonly name: string;
  /** Loops that ask, and milliseconds between two requests of one. */
  readonly loops: number;
  readonly pauseMs: number;
  /** True when it ended as it should. */
  ask(): Promise<boolean>;
}

const [url = '', seconds = '10'] = process.argv.slice(2);
const end = performance.now() + Number(seconds) * 1000;
const body = Buffer.alloc(100_000, 'mayfly');

const kinds: readonly Kind[] = [
  { name: 'hello', loops: 3, pauseMs: 0, ask: () => answers('/hello', 200, 'Hello') },
  { name: 'counter', loops: 2, pauseMs: 0, ask: () => answers('/counter', 200, '1\n') },
  { name: 'javascript', loops: 2, pauseMs: 5, ask: () => answers('/javascript', 200, 'Hello') },
  { name: 'echo', loops: 1, pauseMs: 10, ask: echo },
  { name: 'slow', loops: 20, pauseMs: 0, ask: () => answers('/slow?ms=500', 200, 'Waited') },
  { name: 'trap', loops: 1, pauseMs: 50, ask: () => answers('/trap', 500) },
  { name: 'growth', loops: 1, pauseMs: 50, ask: () => answers('/alloc/keep?kib=4096', 200, '4194304 bytes') },
  { name: 'exhaustion', loops: 1, pauseMs: 500, ask: () => answers('/alloc/exhaust', 200) },
  { name: 'runaway', loops: 1, pauseMs: 1_000, ask: () => answers('/alloc/churn?times=4000000000', 504) },
  { name: 'disconnect while waiting', loops: 1, pauseMs: 50, ask: () => disconnect('GET /slow?ms=5000 HTTP/1.1\r\n') },
  {
    name: 'disconnect in upload',
    loops: 1,
    pauseMs: 50,
    ask: () => disconnect('POST /echo HTTP/1.1\r\ncontent-length: 9999\r\n'),
  },
];

const counts: Record<string, { good: number; bad: number; example?: string }> = {};
await Promise.all(kinds.flatMap((kind) => Array.from({ length: kind.loops }, () => loop(kind))));
console.log(JSON.stringify(counts));
process.exit();

async function loop({ name, pauseMs, ask }: Kind): Promise<void> {
  counts[name] ??= { good: 0, bad: 0 };
  const count = counts[name];
  while (performance.now() < end) {
    try {
      if (await ask()) count.good++;
      else count.bad++;
    } catch (error) {
      count.bad++;
      count.example ??= error instanceof Error ? `${error.message} ${error.cause ?? ''}` : String(error);
    }
    if (pauseMs > 0) await pause(pauseMs);
  }
}

async function answers(path: string, status: number, beginning = ''): Promise<boolean> {
  const response = await fetch(url + path);
  const text = await response.text();
  if (response.status === status && text.startsWith(beginning)) return true;
  throw new Error(`${path} answered ${response.status} ${text.slice(0, 80)}`);
}

async function echo(): Promise<boolean> {
  const response = await fetch(`${url}/echo`, { method: 'POST', body });
  return Buffer.from(await response.arrayBuffer()).equals(body);
}

/** Sends a request, or the beginning of one, and goes away soon after. */
function disconnect(head: string): Promise<boolean> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => {
      socket.write(`${head}host: ${host}\r\n\r\n`);
      setTimeout(() => socket.destroy(), 20);
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(true));
  });
}
