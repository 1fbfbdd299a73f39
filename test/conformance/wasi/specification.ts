// The cases of a wasi-testsuite checkout: each module and what its specification says. doc/specification.md there.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** As the manifest of a case's folder names it. */
export type WasiVersion = 'wasm32-wasip1' | 'wasm32-wasip3';

export interface RunOperation {
  readonly type: 'run';
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Relative to the case's folder. */
  readonly root?: string | null;
}

/** Operations after `run`, in their order; which fields there are depends on `type`. */
export interface Operation {
  readonly type: string;
  readonly id?: string;
  readonly payload?: string;
  readonly exit_code?: number;
  readonly [field: string]: unknown;
}

export interface TestCase {
  /** Relative to the checkout. */
  readonly id: string;
  /** Absolute path of the module. */
  readonly path: string;
  readonly version: WasiVersion;
  /** `wasi:cli/command` unless the specification says otherwise. */
  readonly world: string;
  readonly run: RunOperation;
  readonly operations: readonly Operation[];
  /** The specification as it stands: `servers`, `proposals`. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export function readCases(checkout: string): TestCase[] {
  const files = globSync('tests/*/testsuite/*/*.wasm', { cwd: checkout }).sort();
  if (files.length === 0) throw new Error(`No modules in tests/*/testsuite/* below ${checkout}`);
  return files.map((file) => readCase(checkout, file));
}

function readCase(checkout: string, id: string): TestCase {
  const path = join(checkout, id);
  const specification = path.replace(/\.wasm$/, '.json');
  const raw = existsSync(specification) ? readJson(specification) : {};
  const manifest = readJson(join(dirname(path), 'manifest.json'));
  const [first, ...operations] = 'operations' in raw ? (raw.operations as Operation[]) : legacyOperations(raw);
  if (first?.type !== 'run') throw new Error(`${specification} does not start with "run"`);
  const version = manifest.version as WasiVersion;
  const world = typeof raw.world === 'string' ? raw.world : 'wasi:cli/command';
  return { id, path, version, world, run: first as unknown as RunOperation, operations, raw };
}

/** The older form: one flat object. What it does not expect is not looked at. */
function legacyOperations({ args, env, root, stdout, stderr, exit_code }: Record<string, unknown>): Operation[] {
  const given = Object.fromEntries(Object.entries({ args, env, root }).filter(([, value]) => value !== undefined));
  return [
    { type: 'run', ...given },
    ...(typeof stdout === 'string' ? [{ type: 'read', id: 'stdout', payload: stdout }] : []),
    ...(typeof stderr === 'string' ? [{ type: 'read', id: 'stderr', payload: stderr }] : []),
    { type: 'wait', exit_code: typeof exit_code === 'number' ? exit_code : 0 },
  ];
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}
