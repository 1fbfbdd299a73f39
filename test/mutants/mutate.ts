// Breaks one file of a copy of the tree, one break at a time, and runs the tests that should notice.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { ImportGraph } from './import-graph.ts';
import type { Break } from './operators.ts';
import type { Part } from './parts.ts';
import { endTests, runTest } from './run-test.ts';

export interface Candidate extends Break {
  readonly file: string;
  /** The text before and after, in one line. */
  readonly change: string;
}

export type Verdict =
  | { readonly kind: 'noticed'; readonly by: string }
  | { readonly kind: 'survived' }
  /** The compiler refuses it, and with it the gate: it counts neither way. */
  | { readonly kind: 'no program' };

/** A test that passes without a break, and how long it takes. */
interface Baseline {
  readonly file: string;
  readonly ms: number;
}

/** Tests, and what only they use. */
const NO_SOURCE = /\.(test|fixture|contract|test-kit|d)\.ts$/;
const LEFT_OUT = /(^|\/)(node_modules|\.git|\.cache|\.mayfly|\.spin)(\/|$)/;
/** What tests make for themselves where it is absent: that takes longer than a test may here. */
const MADE = ['engines', 'guests', 'jco', 'spin-sdk-5.0.0', 'types'].map((name) => join('.cache', name));
/** What the compiler found out about the files that are not broken: it is kept from one time to the next. */
const TYPES = join('.cache', 'types');
/** A break may make a test hang; its processes start while others run. */
const PATIENCE = { factor: 4, ms: 8_000 };
const MOST_MS = 120_000;

export class Workbench {
  readonly root: string;
  readonly #origin: string;
  readonly #graph: ImportGraph;
  readonly #baselines = new Map<string, Promise<Baseline | undefined>>();
  readonly #compileCache: string;

  readonly #onlyBeside: boolean;

  /** Copies the tree at `origin`. `onlyBeside`: of the tests, those in the folder of the broken file, and no compiler. */
  constructor(origin: string, onlyBeside = false) {
    this.#onlyBeside = onlyBeside;
    this.#origin = origin;
    this.root = mkdtempSync(join(tmpdir(), 'mayfly-mutants-'));
    cpSync(origin, this.root, { recursive: true, filter: (path) => !LEFT_OUT.test(relative(origin, path)) });
    symlinkSync(join(origin, 'node_modules'), join(this.root, 'node_modules'));
    for (const made of MADE) {
      if (existsSync(join(origin, made))) cpSync(join(origin, made), join(this.root, made), { recursive: true });
    }
    this.#graph = new ImportGraph(this.root);
    this.#compileCache = join(this.root, '.cache', 'scripts');
  }

  /** Ends the test that runs, and removes the copy. */
  close(): void {
    endTests();
    rmSync(this.root, { recursive: true, force: true });
  }

  sources({ sources, without }: Part): string[] {
    return globSync([...sources], { cwd: this.root })
      .filter((file) => !NO_SOURCE.test(file) && !without?.test(file))
      .sort();
  }

  /** Whether the compiler takes the copy as it is: otherwise every break that gets through would count as none. */
  async isSound(): Promise<boolean> {
    if (this.#onlyBeside) return true;
    const isSound = await this.#compiles();
    if (isSound) cpSync(join(this.root, TYPES), join(this.#origin, TYPES));
    return isSound;
  }

  async try(part: Part, candidate: Candidate): Promise<Verdict> {
    const path = join(this.root, candidate.file);
    const text = readFileSync(path, 'utf8');
    const tests = await this.#testsFor(part, candidate.file);
    writeFileSync(path, text.slice(0, candidate.start) + candidate.replacement + text.slice(candidate.end));
    try {
      for (const { file, ms } of tests) {
        const timeoutMs = Math.min(MOST_MS, ms * PATIENCE.factor + PATIENCE.ms);
        const outcome = await runTest(file, { root: this.root, timeoutMs, compileCache: this.#compileCache });
        if (outcome !== 'passed') return { kind: 'noticed', by: outcome === 'failed' ? file : `${file} (${outcome})` };
      }
      return { kind: this.#onlyBeside || (await this.#compiles()) ? 'survived' : 'no program' };
    } finally {
      writeFileSync(path, text);
    }
  }

  /** Those beside the file come first, then the fast ones. */
  async #testsFor({ tests }: Part, source: string): Promise<Baseline[]> {
    const files = globSync([...tests], { cwd: this.root }).filter((test) => this.#graph.reachable(test).has(source));
    const found: Baseline[] = [];
    for (const file of files) {
      if (this.#onlyBeside && dirname(file) !== dirname(source)) continue;
      const baseline = await this.#baseline(file);
      if (baseline) found.push(baseline);
    }
    const distance = ({ file, ms }: Baseline): number => {
      if (dirname(file) !== dirname(source)) return ms;
      return basename(file).startsWith(`${basename(source, '.ts')}.`) ? -2e6 + ms : -1e6 + ms;
    };
    return found.sort((a, b) => distance(a) - distance(b));
  }

  #baseline(file: string): Promise<Baseline | undefined> {
    const known = this.#baselines.get(file) ?? this.#measure(file);
    this.#baselines.set(file, known);
    return known;
  }

  async #measure(file: string): Promise<Baseline | undefined> {
    const start = performance.now();
    const outcome = await runTest(file, { root: this.root, timeoutMs: MOST_MS, compileCache: this.#compileCache });
    if (outcome === 'passed') return { file, ms: performance.now() - start };
    console.log(`  ${file} ${outcome} without a break, and is left out`);
    return undefined;
  }

  #compiles(): Promise<boolean> {
    return new Promise((resolve) => {
      const kept = ['--incremental', '--tsBuildInfoFile', join(this.root, TYPES)];
      const child = spawn('node_modules/.bin/tsc', kept, { cwd: this.root, stdio: 'ignore' });
      child.on('error', () => resolve(true));
      child.on('exit', (code) => resolve(code === 0));
    });
  }
}
