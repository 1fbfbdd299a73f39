// `waiting-library.ts <manifest> <path> <count>`: so many requests at once to an app in this process, without sockets
// towards clients. Prints the same as waiting-clients.ts, and the peak of its memory.
import { load } from '../../src/index.ts';
import { processState } from '../../test/support/process-figures.ts';

const [manifest = '', path = '', count = '0'] = process.argv.slice(2);
const app = await load(manifest);
const reasons: Record<string, number> = {};
const start = performance.now();
const answers = await Promise.all(Array.from({ length: Number(count) }, ask));
const seconds = (performance.now() - start) / 1000;
const { peakBytes, mappings } = processState(process.pid);
const answered = answers.filter((answer) => answer).length;
console.log(JSON.stringify({ connected: Number(count), answered, seconds, reasons, peakBytes, mappings }));
process.exit();

async function ask(): Promise<boolean> {
  const response = await app.fetch(new Request(`http://localhost${path}`));
  const text = await response.text();
  if (response.status === 200) return true;
  const reason = `${response.status} ${text.slice(0, 100)}`;
  reasons[reason] = (reasons[reason] ?? 0) + 1;
  return false;
}
