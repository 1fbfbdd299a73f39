// A component says what it was built from: a custom section with a hash of the inputs. A build that finds its own
// hash in the file that it would write has nothing to do.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const sectionName = Buffer.from('mayfly:inputs');
const hashBytes = 32;

/** SHA-256 over `parts` (strings or bytes), each with its length so that none runs into the next. */
export function hashInputs(parts) {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = Buffer.from(part);
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return hash.digest();
}

/** The section: id 0, its size, the length of the name, the name, the hash. Both sizes fit one byte. */
function section(hash) {
  return Buffer.concat([Buffer.from([0, 1 + sectionName.length + hashBytes, sectionName.length]), sectionName, hash]);
}

async function isStamped(path, hash) {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes?.subarray(-section(hash).length).equals(section(hash)) ?? false;
}

/** Writes what `build` makes, with its stamp, to `path`; unless the file there has that stamp. True when it wrote. */
export async function buildUnlessFresh(path, inputs, build) {
  const hash = hashInputs(inputs);
  if (await isStamped(path, hash)) return false;
  const component = await build();
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`; // nobody reads half a component
  await writeFile(draft, Buffer.concat([component, section(hash)]));
  await rename(draft, path);
  return true;
}
