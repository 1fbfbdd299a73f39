// A load whose seconds are told one by one: `first-seconds.ts <url> <connections> <milliseconds>` prints a LoadResult as JSON.
import { drive } from '../../src/cli/bench/drive.ts';

const [url = '', connections = '1', milliseconds = '1000'] = process.argv.slice(2);
const load = { url, connections: Number(connections), milliseconds: Number(milliseconds), method: 'GET', headers: [] };
console.log(JSON.stringify(await drive({ ...load, timeoutMs: 60_000 })));
