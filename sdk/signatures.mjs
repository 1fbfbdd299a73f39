// The types of the host's functions, as src/host/*/signatures.json has them.
import { readdir, readFile } from 'node:fs/promises';

const folder = new URL('../src/host/', import.meta.url);

/** The functions of the services' interfaces, by the interfaces' names with version. */
export async function readSignatures() {
  const services = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const texts = await Promise.all(services.map(({ name }) => signaturesOf(name)));
  return Object.assign({}, ...texts);
}

async function signaturesOf(service) {
  try {
    return JSON.parse(await readFile(new URL(`${service}/signatures.json`, folder), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return {};
    throw error;
  }
}
