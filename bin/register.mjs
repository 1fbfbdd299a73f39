// Node strips types everywhere but under node_modules. Installed as a package, Mayfly strips its own sources there.
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const sources = new URL('../src/', import.meta.url).href;
if (sources.includes('/node_modules/')) {
  stripQuietly();
  registerHooks({
    load(url, context, nextLoad) {
      if (!url.startsWith(sources) || !url.endsWith('.ts')) return nextLoad(url, context);
      const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'));
      return { format: 'module', source, shortCircuit: true };
    },
  });
}

/** Node says once that stripping is experimental, which is no news to whoever runs a command. */
function stripQuietly() {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  stripTypeScriptTypes('');
  process.emitWarning = emitWarning;
}
