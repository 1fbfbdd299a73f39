// The process that generates a load for `mayfly bench`: gets loads by messages, one after the other, and answers each with its
// result. A message `stop` ends one early.
import { drive } from './drive.ts';
import type { Load } from './load.ts';

let stop = new AbortController();

process.on('message', async (message: Load | 'stop') => {
  if (message === 'stop') return stop.abort();
  stop = new AbortController();
  const result = await drive(message, (second) => process.send?.({ second }), stop.signal);
  process.send?.({ result });
});
// A terminal sends it to all processes; the command says what is done.
process.on('SIGINT', () => {});
// The command has ended, in whatever way.
process.on('disconnect', () => process.exit());
