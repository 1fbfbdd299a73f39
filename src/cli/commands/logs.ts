// `mayfly logs`: what the components of an app have printed, from the files that `mayfly up` writes, and what they print.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { findOrigin } from '../../app/manifest/read.ts';
import { readRuntimeConfig } from '../../app/runtime-config/read.ts';
import { MayflyError } from '../../errors.ts';
import { printable } from '../../telemetry/printable.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { FollowedFile } from '../logs/followed-file.ts';
import { collect, parseCountOrNone } from '../options.ts';
import { print } from '../ui.ts';

interface Options {
  readonly from?: string;
  readonly component?: readonly string[];
  readonly follow?: boolean;
  readonly lines: number;
  readonly logDir?: string;
  readonly stateDir?: string;
  readonly runtimeConfigFile?: string;
}

/** Milliseconds between two looks at the files. */
const LOOK_MS = 200;

export function define(command: Command): void {
  const { SPIN_LOG_DIR, RUNTIME_CONFIG_FILE } = process.env;
  addFromOption(command)
    .option(
      '-c, --component <id>',
      'A component whose lines are shown; those of all by default (may be repeated)',
      collect,
    )
    .option('--follow', 'Go on with what is printed from now on')
    .option('-n, --lines <count>', 'The last lines of each file that are shown', parseCountOrNone, 100)
    .option('-L, --log-dir <folder>', "The folder of the files (default: that of 'mayfly up')", SPIN_LOG_DIR)
    .option('--state-dir <folder>', 'Where the data of the app are kept (default: .spin beside the manifest)')
    .option('--runtime-config-file <file>', 'The runtime configuration that the app has', RUNTIME_CONFIG_FILE)
    .action(show);
}

async function show(options: Options): Promise<void> {
  const folder = folderOf(options);
  if (!options.follow && !existsSync(folder)) {
    throw new MayflyError('usage', `There is no folder of logs at ${folder}`, {
      hint: "'mayfly up' makes it when a component first prints something; '--log-dir' names another one",
    });
  }
  const files = new Map<string, FollowedFile>();
  for (const found of filesIn(folder, options.component)) {
    const file = new FollowedFile(join(folder, found.name));
    files.set(found.name, file);
    printLines(found, file.last(options.lines));
  }
  if (!options.follow) return;
  for (;;) {
    for (const found of filesIn(folder, options.component)) {
      const file = files.get(found.name) ?? new FollowedFile(join(folder, found.name));
      files.set(found.name, file);
      printLines(found, file.more());
    }
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
  }
}

function folderOf({ from, logDir, stateDir, runtimeConfigFile }: Options): string {
  if (logDir) return resolve(logDir);
  const { logDirectory } = readRuntimeConfig({
    file: runtimeConfigFile || undefined,
    stateDirectory: stateDir,
    defaultStateDirectory: join(dirname(findOrigin(appPath(from)).file), '.spin'),
  });
  if (logDirectory !== undefined) return logDirectory;
  throw new MayflyError('usage', 'The app keeps no files of what its components print', {
    hint: "'--log-dir' names a folder for them",
  });
}

interface Found {
  readonly name: string;
  readonly component: string;
}

/** The files of components that are there, in the order of their names. */
function filesIn(folder: string, wanted: readonly string[] | undefined): Found[] {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return names.flatMap((name) => {
    const [, component] = /^(.+)_std(?:out|err)\.txt$/.exec(name) ?? [];
    return component === undefined || (wanted && !wanted.includes(component)) ? [] : [{ name, component }];
  });
}

function printLines({ component }: Found, lines: readonly string[]): void {
  if (lines.length > 0) print(lines.map((line) => `${printable(component)} | ${printable(line)}`).join('\n'));
}
