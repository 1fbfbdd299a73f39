// Reads runtime-config.toml: all its mistakes are reported at once, each with its place.
import { resolve } from 'node:path';
import { checkFile } from '../manifest/check-schema.ts';
import { gatherProblems } from '../manifest/problems.ts';
import { readManifest } from '../manifest/read.ts';
import { runtimeConfigFile } from '../toml/file-kind.ts';
import { checkClientTls } from './check-client-tls.ts';
import { convert, stateDirectory } from './convert.ts';
import { defaultRuntimeConfig, type RuntimeConfig } from './runtime-config.ts';
import { runtimeConfigSchema } from './schema.ts';
import { checkUnsupported } from './unsupported.ts';

export interface RuntimeConfigOptions {
  /** The file; undefined for the defaults alone. */
  readonly file?: string | undefined;
  /** The folder of the app's data, which overrides the file's; `''` keeps everything in memory. */
  readonly stateDirectory?: string | undefined;
  /** The absolute path of that folder when nothing else names one; undefined keeps everything in memory. */
  readonly defaultStateDirectory?: string | undefined;
}

/**
 * Reads the runtime configuration. Throws `runtime-config-missing`, `runtime-config-syntax`, the one mistake that there
 * is, or `runtime-config-invalid` with all of them.
 */
export function readRuntimeConfig(options: RuntimeConfigOptions): RuntimeConfig {
  const { file, stateDirectory: given, defaultStateDirectory } = options;
  if (file === undefined) return defaultRuntimeConfig(stateDirectory(given, defaultStateDirectory));
  const source = readManifest(resolve(file), runtimeConfigFile);
  const problems = gatherProblems(source, runtimeConfigFile);
  const document = checkFile(runtimeConfigSchema, source, problems, runtimeConfigFile);
  checkUnsupported(source.document, problems);
  checkClientTls(source.document, source.file, problems);
  if (Object.hasOwn(source.document, 'variables_provider') && Object.hasOwn(source.document, 'config_provider')) {
    const message = `'config_provider' is the old name of 'variables_provider', and both are there`;
    problems.add('runtime-config-value', ['config_provider'], message, {
      at: 'key',
      hint: "Write '[[variables_provider]]' for all, in the order in which they are to be asked",
    });
  }
  problems.throwIfAny();
  return convert(document!, { file: source.file, stateDirectory: given, defaultStateDirectory });
}
