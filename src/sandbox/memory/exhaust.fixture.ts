// Makes memories until the process is full, then works on. memory-image.test.ts runs this in a process of its own.
import { createMemoryImage } from './memory-image.ts';

const image = createMemoryImage(new Uint8Array(65_536).fill(1), 'scan');
const all = [];
let code: unknown;
while (code === undefined) {
  try {
    const imaged = image.create(2);
    new Uint8Array(imaged.memory.buffer)[5] = 2;
    all.push(imaged);
  } catch (error) {
    code = (error as { code?: string }).code ?? String(error);
  }
}
const garbage = Array.from({ length: 200 }, () => new Uint8Array(1_000_000).fill(1));
const isReset = all.every((imaged) => imaged.reset());
const goesOn = isReset && garbage.length === 200 && all[0]!.firstDifference() === undefined;
process.stdout.write(JSON.stringify({ made: all.length, code, goesOn }));
