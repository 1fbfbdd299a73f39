// `mayfly doctor`: looks at this machine and at an app, says what is missing or wrong, and mends what it can.
import type { Command } from 'commander';
import { lockApp } from '../../app/lock.ts';
import { findOrigin, readManifest } from '../../app/manifest/read.ts';
import { readRuntimeConfig } from '../../app/runtime-config/read.ts';
import { addFromOption, appPath } from '../app-path.ts';
import { findInComponents } from '../doctor/components.ts';
import type { Finding } from '../doctor/finding.ts';
import { examineMachine } from '../doctor/machine.ts';
import { findOldManifest } from '../doctor/upgrade-manifest.ts';
import { formatError } from '../format-error.ts';
import { parseListen } from '../options.ts';
import { print, printError, say } from '../ui.ts';

interface Options {
  readonly from?: string;
  readonly listen: string;
  readonly runtimeConfigFile?: string;
  readonly fix?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function define(command: Command): void {
  addFromOption(command)
    .option('--listen <address>', 'Address that the app is to listen at', '127.0.0.1:3000')
    .option('--runtime-config-file <file>', 'The runtime configuration to look at', process.env.RUNTIME_CONFIG_FILE)
    .option('--fix', 'Mend what can be mended: the version of the manifest, builds that are missing, targets of Rust')
    .option('--json', 'Print what is found as JSON')
    .option('--verbose', 'Say more when something fails')
    .action(examine);
}

async function examine(options: Options): Promise<void> {
  const { json = false, fix = false, verbose = false } = options;
  const findings: Finding[] = [];
  const found = (more: readonly Finding[]): void => {
    findings.push(...more);
    if (!json) for (const { state, text } of more) print(`${labels[state].padEnd(5)} ${text}`);
  };
  found(await examineMachine(parseListen(options.listen)));
  try {
    for await (const more of examineApp(options)) found(fix ? await mended(more) : more);
  } catch (error) {
    if (!json) throw error;
    found([{ state: 'wrong', text: inWords(error, verbose) }]);
  } finally {
    const isWrong = findings.some(({ state }) => state === 'wrong' || state === 'fixable');
    if (isWrong) process.exitCode = 1;
    if (findings.some(({ state }) => state === 'fixable')) say("'mayfly doctor --fix' mends what has 'fix' in front");
  }
  if (json) print(JSON.stringify(findings.map(asData), undefined, 2));
}

const labels = { ok: 'ok', note: 'note', wrong: 'wrong', fixable: 'fix' } as const;

function asData({ state, text }: Finding): object {
  return { state, text };
}

function inWords(error: unknown, verbose: boolean): string {
  return formatError(error, { verbose, paint: (_, plain) => plain, directory: process.cwd() });
}

/** Looks at the app step by step, so that what was mended counts in the next step. Rejects with its mistakes. */
async function* examineApp({ from, runtimeConfigFile, verbose = false }: Options): AsyncGenerator<Finding[]> {
  const path = appPath(from);
  let origin: ReturnType<typeof findOrigin>;
  try {
    origin = findOrigin(path);
  } catch (error) {
    // The machine can be looked at without an app.
    if (from !== undefined) throw error;
    yield [{ state: 'note', text: 'There is no spin.toml in this folder' }];
    if (verbose) printError(error, verbose);
    return;
  }
  if (origin.kind === 'manifest') {
    yield findOldManifest(readManifest(origin.file));
    yield findInComponents(await lockApp(origin.file, { purpose: 'build' }));
  }
  const runtimeConfig = readRuntimeConfig({ file: runtimeConfigFile || undefined });
  const app = await lockApp(origin.file, { runtimeConfig, strict: true });
  const types = [...new Set(app.triggers.map(({ type }) => type))].join(', ');
  const counts = `${app.components.length} components, ${app.triggers.length} triggers (${types})`;
  yield [{ state: 'ok', text: `${app.origin}: ${counts}` }];
}

/** Mends what can be mended. What cannot after all is wrong, with the reason. */
async function mended(findings: readonly Finding[]): Promise<Finding[]> {
  const results: Finding[] = [];
  for (const finding of findings) {
    if (!finding.fix) {
      results.push(finding);
      continue;
    }
    try {
      results.push({ state: 'ok', text: `Mended: ${await finding.fix()}` });
    } catch (error) {
      results.push({ state: 'wrong', text: `${finding.text}; mending failed: ${inWords(error, false)}` });
    }
  }
  return results;
}
