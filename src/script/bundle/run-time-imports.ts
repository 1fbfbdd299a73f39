// import() of a name that is only known at run time. The bundle has its modules in one text, in which the engine finds none:
// such an import becomes a call of a function that knows the bundle's own modules by their paths.
import { extname } from 'node:path';
import { isAbsolute } from 'node:path/posix';
import type { Plugin } from 'rolldown';
import { shownPath } from './memory-files.ts';

/** The function's name in bundles. */
const FUNCTION = '__mayfly_dynamic';
/** The module that defines it; it has to come first. */
export const RUN_TIME_IMPORTS = '\0mayfly:run-time-imports';

export interface RunTimeImports {
  readonly plugin: Plugin;
  /** The modules that have such an import: what it may find has to be known then. */
  readonly importers: ReadonlySet<string>;
}

/** `modules` are the paths of the modules that are found; undefined while they are not known. */
export function runTimeImports(modules: readonly string[] | undefined): RunTimeImports {
  const importers = new Set<string>();
  const plugin: Plugin = {
    name: 'mayfly:run-time-imports',
    resolveId: (source) => (source === RUN_TIME_IMPORTS ? source : undefined),
    load: (id) => (id === RUN_TIME_IMPORTS ? (modules ? registry(modules) : 'export {};') : undefined),
    transform: {
      filter: { code: /\bimport\s*\(/ },
      async handler(code, id) {
        if (!isAbsolute(id)) return undefined;
        const written = await rewritten(code, id);
        if (written === undefined) return undefined;
        importers.add(id);
        // Lines stay what they are; columns move behind the import.
        return { code: written, map: null };
      },
    },
  };
  return { plugin, importers };
}

/** The code with calls in place of such imports; undefined when there are none, or when it is no code. */
async function rewritten(code: string, id: string): Promise<string | undefined> {
  // The bundler is native code: it is loaded for programs only.
  const { parseAst } = await import('rolldown/parseAst');
  const places: { from: number; to: number }[] = [];
  try {
    const ending = extname(id).slice(1).replace(/^[cm]/, '');
    const lang = ending === 'ts' || ending === 'tsx' || ending === 'jsx' ? ending : 'js';
    collect(parseAst(code, { lang }), places);
  } catch {
    // The bundler tells of the mistake.
    return undefined;
  }
  if (places.length === 0) return undefined;
  let text = code;
  for (const { from, to } of places.sort((one, other) => other.from - one.from)) {
    text = `${text.slice(0, from)}${FUNCTION}(${JSON.stringify(id)}, ${text.slice(to)}`;
  }
  return text;
}

/** From the word `import` to the name, of imports whose name is no constant. */
function collect(node: unknown, places: { from: number; to: number }[]): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const one of node) collect(one, places);
    return;
  }
  const { type, start, source } = node as { type?: string; start?: number; source?: { type: string; start: number } };
  if (type === 'ImportExpression' && start !== undefined && source && !isConstant(source)) {
    places.push({ from: start, to: source.start });
  }
  for (const value of Object.values(node)) collect(value, places);
}

function isConstant(source: { readonly type: string; readonly expressions?: readonly unknown[] }): boolean {
  return source.type === 'Literal' || (source.type === 'TemplateLiteral' && source.expressions?.length === 0);
}

/** The text of the module: a name is looked up as an import of the importing module's would be. */
function registry(modules: readonly string[]): string {
  const entries = modules.map((id) => `[${JSON.stringify(id)}, () => import(${JSON.stringify(id)})]`);
  const names = modules.map(shownPath).join(', ');
  return `const modules = new Map([${entries.join(', ')}]);
const endings = ['', '.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.json', '/index.ts', '/index.js'];
async function load(importer, given) {
  const name = String(given);
  if (/^\\.{0,2}\\//.test(name)) {
    const path = new URL(name, 'file://' + encodeURI(importer)).pathname;
    const whole = decodeURI(path);
    for (const one of [whole, whole.replace(/\\.m?js$/, '')])
      for (const ending of endings) if (modules.has(one + ending)) return modules.get(one + ending)();
  }
  throw new TypeError('import("' + name + '") at run time finds the modules of the bundle, ${names.replaceAll("'", '')}: import it by a constant name, so that it is one of them');
}
Object.defineProperty(globalThis, '${FUNCTION}', { value: load, configurable: true });`;
}
