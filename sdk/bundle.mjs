// Bundles a program with what it imports into one ES module, for engines that read one file.
import { fileURLToPath } from 'node:url';
import { importTool } from './tools.mjs';

/** Imports of interfaces, `namespace:package/interface` with or without a version, stay; `named` gives each its name. */
export function keepInterfaces(named = (name) => name) {
  return {
    name: 'wit-imports',
    resolveId: (source) =>
      /^[\w-]+:[\w-]+\//.test(source) ? { id: named(source), external: true, moduleSideEffects: false } : undefined,
  };
}

/** `mayfly/sdk` is part of this package; what a program does not use of it is left out. */
export const sdkModule = {
  name: 'sdk',
  resolveId: (source) => (source === 'mayfly/sdk' ? { id: sdk, moduleSideEffects: false } : undefined),
};
const sdk = fileURLToPath(new URL('script/index.ts', import.meta.url));

/** The text of the module, and what it imports. `options` and `minify` are rolldown's; `cwd` is the folder from which comments in it name files. */
export async function bundleModule(input, cwd, { minify = false, ...options }) {
  const { rolldown } = await importTool('rolldown');
  const build = await rolldown({ input, cwd, platform: 'neutral', logLevel: 'warn', ...options });
  try {
    const { output } = await build.generate({ format: 'esm', codeSplitting: false, minify });
    return output[0];
  } finally {
    await build.close();
  }
}
