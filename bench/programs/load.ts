// The generator of `mayfly bench`: `load.ts <url> <connections> <seconds>` prints a LoadResult as JSON.
import { drive } from '../../src/cli/bench/drive.ts';

const [url = '', connections = '1', seconds = '1'] = process.argv.slice(2);
const load = {
  url,
  connections: Number(connections),
  milliseconds: Number(seconds) * 1000,
  method: 'GET',
  headers: [],
};
console.log(JSON.stringify(await drive({ ...load, timeoutMs: 60_000 })));
