// Core modules made into HTTP services of WASI 0.3, with the WIT that jco carries.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco';

const root = path.dirname(path.dirname(import.meta.dirname));
const folder = path.join(root, 'node_modules/@bytecodealliance/jco/lib/wit/builtin/0.3.0');

const world = `package mayfly:test;
world service {
  import wasi:http/types@0.3.0;
  import wasi:http/client@0.3.0;
  import wasi:http/handler@0.3.0;
  import wasi:clocks/monotonic-clock@0.3.0;
  export wasi:http/handler@0.3.0;
}
`;

/** The component of a core module that imports and exports what wit-component names so for this world. */
export async function toService(binary: Uint8Array): Promise<Uint8Array> {
  const packages = await Promise.all(
    (await readdir(folder)).map((name) => readFile(path.join(folder, name, 'package.wit'), 'utf8')),
  );
  const witSource = [world, ...packages.map(nested)].join('\n');
  const features = { tag: 'all' as const };
  return componentNew(await componentEmbed({ binary, witSource, world: 'service', features }), []);
}

/** One text can hold several packages when they are written in braces. */
function nested(wit: string): string {
  return `${wit.replace(/^package ([^;]+);/m, 'package $1 {')}\n}`;
}
