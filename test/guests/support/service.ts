// C sources → a service of WASI 0.3. They declare its imports and exports themselves, by the names that wit-component
// reads; there is no library.
import { buildUnlessFresh } from '../../../sdk/stamp.mjs';
import { toService } from '../../support/component-0.3.ts';
import { compileSource, sourceInputs } from './command.ts';

const flags = ['--target=wasm32-wasip1', '-O2', '-Wall', '-Wextra', '-nostdlib', '-Wl,--no-entry', '-Wl,--strip-debug'];

/** True when it was built, false when it was up to date. */
export async function buildService(source: string, output: string): Promise<boolean> {
  const inputs = await sourceInputs(source, flags);
  return buildUnlessFresh(output, inputs, async () => toService(await compileSource(source, flags)));
}
