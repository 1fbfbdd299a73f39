// Asks a guest so often at once, in a process whose means a test has cut down, and prints what came of it.
import { readdirSync } from 'node:fs';
import { pino } from 'pino';
import { load } from '../../src/library/load.ts';

const [path = '', count = '1'] = process.argv.slice(2);
let log = '';
const write = (line: string): void => {
  log += line;
};
const app = await load(path, { log: pino({ level: 'debug' }, { write }) });

async function ask(target: string): Promise<number> {
  const response = await app.fetch(new Request(`http://localhost${target}`));
  await response.text();
  return response.status;
}

const descriptors = (): number => (process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0);
const statuses = await Promise.all(Array.from({ length: Number(count) }, () => ask('/wait?ms=200')));
const before = descriptors();
for (let turn = 0; turn < 4; turn++)
  await Promise.all(Array.from({ length: 5 }, () => ask('/fields?count=1000&bytes=60000')));
const after = descriptors();
const last = await ask('/wait?ms=1');
await app.close();
console.log(JSON.stringify({ statuses, last, opened: after - before, log }));
