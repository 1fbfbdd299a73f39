// `mayfly doctor`: looks at this machine and at an app, and says what is missing or wrong.
import { createServer } from 'node:net';
import type { Command } from 'commander';
import { lockApp } from '../../app/lock.ts';
import { readRuntimeConfig } from '../../app/runtime-config/read.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { describeCapabilities } from '../../runtime/engine.ts';
import { buildTool } from '../build/tools.ts';
import { version } from '../installation.ts';
import { type ListenAddress, parseListen } from '../options.ts';
import { print, printError } from '../ui.ts';

interface Options {
  readonly from: string;
  readonly listen: string;
  readonly runtimeConfigFile?: string;
  readonly verbose?: boolean;
}

interface Finding {
  readonly state: 'ok' | 'note' | 'wrong';
  readonly text: string;
}

export function define(command: Command): void {
  command
    .option('-f, --from <path>', 'Manifest, or the folder of one', '.')
    .option('--listen <address>', 'Address that the app is to listen at', '127.0.0.1:3000')
    .option('--runtime-config-file <file>', 'The runtime configuration to look at', process.env.RUNTIME_CONFIG_FILE)
    .option('--verbose', 'Say more when something fails')
    .action(examine);
}

async function examine({ from, listen, runtimeConfigFile, verbose = false }: Options): Promise<void> {
  const findings = [
    { state: 'ok', text: `Mayfly ${version()} on Node ${process.versions.node}, ${process.platform} ${process.arch}` },
    ...['@bytecodealliance/componentize-js', '@bytecodealliance/jco', '@yowasp/clang'].map(examineTool),
    await examinePort(parseListen(listen)),
    ...describeCapabilities().map((text): Finding => ({ state: 'ok', text })),
  ] satisfies Finding[];
  for (const { state, text } of findings) print(`${state.padEnd(5)} ${text}`);
  try {
    const app = await lockApp(from, { runtimeConfig: readRuntimeConfig({ file: runtimeConfigFile || undefined }) });
    const types = [...new Set(app.triggers.map(({ type }) => type))].join(', ');
    print(`ok    ${app.origin}: ${app.components.length} components, ${app.triggers.length} triggers (${types})`);
  } catch (error) {
    // The machine can be looked at without an app.
    const isNone = error instanceof MayflyError && error.code === 'manifest-missing' && from === '.';
    if (!isNone) throw error;
    print('note  There is no spin.toml in this folder');
    if (verbose) printError(error, verbose);
  }
  if (findings.some(({ state }) => state === 'wrong')) process.exitCode = 1;
}

function examineTool(name: string): Finding {
  const tool = buildTool(name);
  if (tool) return { state: 'ok', text: `${name} ${tool.version}` };
  return { state: 'note', text: `${name} is not installed; some templates need it: npm install --save-dev ${name}` };
}

async function examinePort({ host, port }: ListenAddress): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>();
  const server = createServer();
  server.on('error', (error) =>
    resolve({ state: 'wrong', text: `Cannot listen at ${host}:${port}: ${messageOf(error)}` }),
  );
  server.listen(port, host, () => server.close(() => resolve({ state: 'ok', text: `${host}:${port} is free` })));
  return promise;
}
