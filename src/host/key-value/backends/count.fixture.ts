// A process that counts in a store: node count.fixture.ts FILE TIMES
import { spinBackend } from './spin.ts';
import { patientCaller } from './store.contract.ts';

const [file = '', times = '0'] = process.argv.slice(2);
const backend = await spinBackend(file);
const store = backend.store('default');
for (let count = 0; count < Number(times); count++) await store.increment('count', 1n, patientCaller());
await backend.close();
process.disconnect?.();
