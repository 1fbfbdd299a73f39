// Makes the engine component of QuickJS of its bundled source.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importTool } from '../../tools.mjs';

export const tool = 'componentize-qjs';

/**
 * componentize-qjs evaluates the program before it knows of WASI's types, and then takes them for others; under another
 * name they are left alone until all is done. The runtime itself imports 0.2.12, which is the same to a host.
 */
const OTHER = 'waxi:';
const WASI = 'wasi:';

export async function componentizeEngine(source, wit) {
  const { componentize } = await importTool(tool);
  const place = await mkdtemp(join(tmpdir(), 'mayfly-engine-'));
  try {
    const witPath = join(place, 'world.wit');
    await writeFile(witPath, wit.replaceAll(WASI, OTHER));
    const { component } = await componentize({ witPath, world: 'engine', jsSource: importsRenamed(source) });
    return renamed(component);
  } finally {
    await rm(place, { recursive: true });
  }
}

/** Only where it imports: texts of the program stay. */
function importsRenamed(source) {
  return source.replace(/\b((?:from|import)\s*["'])wasi:/g, `$1${OTHER}`);
}

function renamed(component) {
  const bytes = Buffer.from(component);
  for (let at = bytes.indexOf(OTHER); at >= 0; at = bytes.indexOf(OTHER, at)) bytes.write(WASI, at);
  return bytes;
}
