// A parent process for pool.test.ts: prints its URL, then follows signals.
import { join } from 'node:path';
import { pino } from 'pino';
import { runWorkers } from './pool.ts';
import { followSignals } from './signals.ts';

const log = pino({}, process.stderr);
const entry = join(import.meta.dirname, 'hello.fixture.ts');
const pool = await runWorkers({ count: 2, entry, listen: { host: '127.0.0.1', port: 0 }, log });
console.log(JSON.stringify({ url: pool.url, pids: pool.pids }));
await followSignals(pool, log);
