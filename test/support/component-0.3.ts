// Core modules made into HTTP services of WASI 0.3, with the WIT that jco carries.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco';

const root = path.dirname(path.dirname(import.meta.dirname));
const folder = path.join(root, 'node_modules/@bytecodealliance/jco/lib/wit/builtin');

/** With more imports, whose packages are in `more`. */
const serviceWorld = (imports: readonly string[], more: string): string => `package mayfly:test;
world service {
${imports.map((name) => `  import ${name};\n`).join('')}  import wasi:http/types@0.3.0;
  import wasi:http/client@0.3.0;
  import wasi:http/handler@0.3.0;
  import wasi:clocks/monotonic-clock@0.3.0;
  export wasi:http/handler@0.3.0;
}
${more}`;

const handlerWorld = (version: string): string => `package mayfly:test;
world service {
  import wasi:http/types@${version};
  import wasi:io/streams@${version};
  import wasi:io/poll@${version};
  import wasi:clocks/monotonic-clock@${version};
  export wasi:http/incoming-handler@${version};
}
`;

/**
 * The component of a core module that imports and exports what wit-component names so for this world, which may have more
 * imports, of packages that `wit` has.
 */
export function toService(binary: Uint8Array, imports: readonly string[] = [], wit = ''): Promise<Uint8Array> {
  return toComponent(binary, '0.3.0', serviceWorld(imports, wit));
}

/** As `toService`, of WASI 0.2. */
export function toHandler(binary: Uint8Array, version: string): Promise<Uint8Array> {
  return toComponent(binary, version, handlerWorld(version));
}

async function toComponent(binary: Uint8Array, version: string, ofService: string): Promise<Uint8Array> {
  const packages = await Promise.all(
    (await readdir(path.join(folder, version))).map((name) => packageOf(version, name)),
  );
  const witSource = [ofService, ...packages.map(nested)].join('\n');
  const features = { tag: 'all' as const };
  return componentNew(await componentEmbed({ binary, witSource, world: 'service', features }), []);
}

/** A package is a file or several. */
async function packageOf(version: string, name: string): Promise<string> {
  const parts = path.join(folder, version, name);
  const files = (await readdir(parts)).filter((file) => file.endsWith('.wit'));
  const texts = await Promise.all(files.map((file) => readFile(path.join(parts, file), 'utf8')));
  const [declaration = ''] = /^package [^;]+;/m.exec(texts.join('\n')) ?? [];
  return [declaration, ...texts.map((text) => text.replace(/^package [^;]+;/m, ''))].join('\n');
}

/** One text can hold several packages when they are written in braces. */
function nested(wit: string): string {
  return `${wit.replace(/^package ([^;]+);/m, 'package $1 {')}\n}`;
}
