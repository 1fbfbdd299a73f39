// Makes one text of a program: its TypeScript, JSX and JSON, and the packages of npm that it imports, for an engine that
// evaluates it before requests come. rolldown does the work, in memory; nothing is written.
import { dirname, extname, resolve } from 'node:path';
import { isAbsolute } from 'node:path/posix';
import type { OutputChunk, Plugin, RolldownLog } from 'rolldown';
import { type EngineName, engineNames } from '../../app/script-file.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { bundleError, problemOf } from './bundle-error.ts';
import { memoryFiles, memoryPath, shownPath } from './memory-files.ts';
import { nodeModules } from './node-modules.ts';
import { RUN_TIME_IMPORTS, type RunTimeImports, runTimeImports } from './run-time-imports.ts';
import { isOfSdk, sdkModule } from './sdk-module.ts';
import { writeOutUnicodeProperties } from './unicode-properties.ts';

/** A program: a file, or texts by the names under which they import one another. */
export type Program =
  | { readonly entry: string }
  | { readonly entry: string; readonly modules: Readonly<Record<string, string>> };

/** A source map of version 3, with the contents of the sources. */
export interface SourceMapData {
  readonly sources: readonly (string | null)[];
  readonly sourcesContent?: readonly (string | null)[];
  readonly mappings: string;
}

export interface Bundle {
  /** A classic script whose value is a promise; it gives the program to `__mayfly_program`. */
  readonly code: string;
  readonly map: SourceMapData;
  /** Absolute paths of the files that it was made of. */
  readonly inputs: readonly string[];
}

const ENTRY = '\0mayfly:program';
/** A line before the text of the bundler. The engine takes its function back when the program is evaluated. */
const HEAD = '(async () => { const __mayfly_import = globalThis.__mayfly_import;\n';
const MOST_BYTES = 32 * 1024 * 1024;
/** Files whose text is the value of an import. */
const TEXTS = [
  '.txt',
  '.html',
  '.htm',
  '.md',
  '.sql',
  '.css',
  '.svg',
  '.xml',
  '.graphql',
  '.gql',
  '.csv',
  '.hbs',
  '.lua',
];

/** Bundles a program. Rejects with `script-invalid`, which holds all mistakes. */
export async function bundle(
  program: Program,
  interfaces: ReadonlySet<string>,
  engine: EngineName = engineNames[0],
): Promise<Bundle> {
  const dynamic = runTimeImports(undefined);
  const once = await bundleWith(program, interfaces, engine, dynamic);
  if (dynamic.importers.size === 0) return once;
  // Again, with what such an import may find: which modules there are is known now. Packages find none.
  const isOwn = (id: string): boolean => !id.includes('/node_modules/');
  const named = 'modules' in program ? Object.keys(program.modules).map(memoryPath) : [];
  const own = [...dynamic.importers].some(isOwn) ? [...named, ...once.inputs.filter(isOwn)] : [];
  return bundleWith(program, interfaces, engine, runTimeImports([...new Set(own)]));
}

async function bundleWith(
  program: Program,
  interfaces: ReadonlySet<string>,
  engine: EngineName,
  dynamic: RunTimeImports,
): Promise<Bundle> {
  const rolldown = await loadBundler();
  const problems: MayflyError[] = [];
  const modules = 'modules' in program ? program.modules : undefined;
  const plugins = [
    entryOf(program.entry),
    sdkModule,
    witInterfaces(interfaces, problems),
    ...(modules ? [memoryFiles(modules)] : []),
    dynamic.plugin,
    nodeModules(problems),
    refusedFiles(problems),
    ...(engine === 'starlingmonkey' ? [writeOutUnicodeProperties()] : []),
  ];
  try {
    const build = await rolldown({
      input: ENTRY,
      platform: 'neutral',
      plugins,
      resolve: {
        mainFields: ['browser', 'module', 'main'],
        // What packages put in the place of their files, and of Node's modules, where there is no Node.
        aliasFields: [['browser']],
        conditionNames: ['worker', 'browser', 'import', 'module', 'default'],
        extensions: ['.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.cjs', '.json'],
        extensionAlias: { '.js': ['.js', '.ts', '.tsx'], '.mjs': ['.mjs', '.mts'] },
      },
      moduleTypes: Object.fromEntries(TEXTS.map((ending) => [ending, 'text'])),
      transform: { define: { 'process.env.NODE_ENV': '"production"' }, target: 'es2024' },
      experimental: { nativeMagicString: true },
      logLevel: 'warn',
      onLog: (_, log) => unresolved(log, problems),
    });
    try {
      const { output } = await build.generate({
        format: 'esm',
        sourcemap: true,
        codeSplitting: false,
        sourcemapPathTransform: (source, mapFile) => shownPath(resolve(dirname(mapFile), source)),
      });
      if (problems.length > 0) throw bundleError(problems);
      return bundled(output[0]);
    } finally {
      await build.close();
    }
  } catch (error) {
    if (error instanceof MayflyError) throw error;
    const { errors } = error as { readonly errors?: readonly RolldownLog[] };
    if (!errors)
      throw new MayflyError('script-invalid', `Cannot bundle the program: ${messageOf(error)}`, { cause: error });
    throw bundleError([...problems, ...errors.map(problemOf)]);
  }
}

/** The bundler is native code: it is loaded for programs only. */
async function loadBundler(): Promise<typeof import('rolldown').rolldown> {
  try {
    return (await import('rolldown')).rolldown;
  } catch (cause) {
    throw new MayflyError('script-engine', `The bundler cannot be loaded: ${messageOf(cause)}`, {
      cause,
      hint: 'Is this Node allowed to load addons, and were the packages for this system installed?',
    });
  }
}

function bundled({ code, map, moduleIds }: OutputChunk): Bundle {
  const text = code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
  if (text.length > MOST_BYTES) {
    throw new MayflyError('script-invalid', `The program has ${text.length} bytes; it may have ${MOST_BYTES}`);
  }
  const { mappings = '', sources = [], sourcesContent = [] } = map ?? {};
  return {
    code: `${HEAD}${text}})()`,
    // The head is a line of its own.
    map: { mappings: `;${mappings}`, sources: [...sources], sourcesContent: [...sourcesContent] },
    inputs: moduleIds.filter((id) => isAbsolute(id) && !isOfSdk(id)),
  };
}

/** The real entry gives what the program exports to the engine, so that nothing has to be exported. */
function entryOf(entry: string): Plugin {
  return {
    name: 'mayfly:entry',
    resolveId: (source) => (source === ENTRY ? source : undefined),
    load: (id) =>
      id === ENTRY
        ? `import ${JSON.stringify(RUN_TIME_IMPORTS)};\nimport * as program from ${JSON.stringify(entry)};\nglobalThis.__mayfly_program(program);`
        : undefined,
  };
}

const WIT = /^(?!node:)([a-z][a-z0-9-]*:[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*)(@[\w.+-]+)?$/;

/** Imports of interfaces of the host, which the engine has imported already. */
function witInterfaces(interfaces: ReadonlySet<string>, problems: MayflyError[]): Plugin {
  return {
    name: 'mayfly:interfaces',
    resolveId(source, importer) {
      if (!WIT.test(source)) return undefined;
      const found = interfaceFor(source, interfaces);
      if (found === undefined) {
        problems.push(
          new MayflyError('script-invalid', `The engine has no interface "${source}"`, {
            ...(importer !== undefined && { location: { file: importer } }),
            hint: `It has ${[...interfaces].join(', ')}`,
          }),
        );
      }
      return `\0wit:${found ?? source}`;
    },
    load: (id) =>
      id.startsWith('\0wit:')
        ? {
            code: `module.exports = __mayfly_import(${JSON.stringify(id.slice(5))});`,
            moduleType: 'js',
            moduleSideEffects: false,
          }
        : undefined,
  };
}

/** The interface itself, or that of another version of its track. */
function interfaceFor(source: string, interfaces: ReadonlySet<string>): string | undefined {
  if (interfaces.has(source)) return source;
  const [name = '', version] = source.split('@');
  const track = version?.split('.').slice(0, 2).join('.');
  return [...interfaces].find((one) => {
    const [other, has] = one.split('@');
    return other === name && (version === undefined || has?.startsWith(`${track}.`) || has === version);
  });
}

function refusedFiles(problems: MayflyError[]): Plugin {
  return {
    name: 'mayfly:refused',
    load(id) {
      const ending = extname(id);
      if (ending !== '.wasm' && ending !== '.node') return undefined;
      problems.push(
        new MayflyError('script-invalid', `A program cannot import "${id}"`, {
          hint: 'What is WebAssembly already is a component of its own: call it by a request, or build the app as a component',
        }),
      );
      return 'export default undefined;';
    },
  };
}

/** A warning of rolldown that is an error here: what is not found would be missing when it runs. */
function unresolved(log: RolldownLog, problems: MayflyError[]): void {
  if (log.code === 'UNRESOLVED_IMPORT') problems.push(problemOf(log));
}
