// Node strips types everywhere but under node_modules. Installed as a package, Mayfly strips its own sources there.
import { readFileSync } from 'node:fs';
// Old versions of Node, which only print a sentence, lack some of its names.
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const sources = new URL('../src/', import.meta.url).href;

export function registerSources() {
  if (!sources.includes('/node_modules/')) return;
  const { registerHooks, stripTypeScriptTypes } = nodeModule;
  stripQuietly(stripTypeScriptTypes);
  registerHooks({
    load(url, context, nextLoad) {
      if (!url.startsWith(sources) || !url.endsWith('.ts')) return nextLoad(url, context);
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
      return { format: 'module', source, shortCircuit: true };
    },
  });
}

/** Node says once that stripping is experimental, which is no news to whoever runs a command. */
function stripQuietly(stripTypeScriptTypes) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  stripTypeScriptTypes('');
  process.emitWarning = emitWarning;
}
