// All .wast files below a folder, as a suite.

import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import type { Case, Suite } from '../suite.ts';
import { type Directive, readDirectives } from '../wast/directives.ts';
import type { Engine } from '../wast/engine.ts';
import { newState, runDirective } from '../wast/run.ts';

/** `folder` is relative to the checkout; each file gets an engine of its own. */
export function wastFolder(name: string, folder: string, newEngine: () => Engine): Suite {
  return {
    name,
    async *run(path, only) {
      const root = join(path, folder);
      const files = globSync('**/*.wast', { cwd: root }).sort();
      if (files.length === 0) throw new Error(`No .wast files below ${root}`);
      for (const file of files) if (file.includes(only)) yield* runFile(root, file, newEngine());
    },
  };
}

async function* runFile(root: string, file: string, engine: Engine): AsyncIterable<Case> {
  let directives: Directive[];
  try {
    directives = readDirectives(await readFile(join(root, file), 'utf8'));
  } catch (error) {
    yield { id: `${file}:1`, status: 'failed', reason: `Cannot read: ${messageOf(error)}` };
    return;
  }
  const state = newState(file, engine);
  for (const directive of directives)
    yield { id: `${file}:${directive.line}`, ...(await runDirective(state, directive)) };
}
