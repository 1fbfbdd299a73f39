// `mayfly replay`: runs a recorded request again, and says where it departs.
import type { Command } from 'commander';
import { lockApp } from '../../app/lock.ts';
import type { Recording } from '../../replay/format.ts';
import type { Replayed } from '../../runtime/replay.ts';
import type { Logger } from '../../telemetry/log.ts';
import { printable } from '../../telemetry/printable.ts';
import { addFromOption } from '../app-path.ts';
import { openInspector, parseInspect } from '../inspect.ts';
import { createLog } from '../log.ts';
import { setUpServingProcess } from '../serving-process.ts';
import { paint, print, say } from '../ui.ts';
import { cacheFolder } from '../up-options.ts';

interface Options {
  readonly from?: string;
  readonly json?: boolean;
  readonly inspect?: string | true;
  readonly cacheDir?: string;
  readonly cache: boolean;
  readonly verbose?: boolean;
}

export function define(command: Command): void {
  command.argument('<file...>', 'Recordings that mayfly up --record wrote');
  addFromOption(command, 'App to run the request in: the one that was recorded unless it is given');
  command
    .option('--inspect [address]', 'Wait for a debugger, which steps through the request (127.0.0.1:9229)')
    .option('--json', 'Print what came of it as JSON')
    .option(
      '--cache-dir <folder>',
      'Where prepared components are kept (default: mayfly in the cache folder of the user)',
    )
    .option('--no-cache', 'Prepare the component afresh, and keep nothing')
    .option('--verbose', 'Say more')
    .action(replay);
}

async function replay(files: readonly string[], options: Options): Promise<void> {
  if (options.inspect !== undefined) parseInspect(options.inspect);
  setUpServingProcess();
  const log = createLog({ verbose: options.verbose ?? false, quiet: false, directory: undefined, write: say, paint });
  const all: object[] = [];
  for (const file of files) {
    const [recording, replayed] = await replayFile(file, options, log);
    if (!isSame(replayed)) process.exitCode = 1;
    if (options.json) all.push({ file, ...asData(replayed) });
    else printWords(files.length > 1 ? `${file}: ` : '', recording, replayed);
  }
  if (options.json) print(JSON.stringify(all, undefined, 2));
}

async function replayFile(file: string, options: Options, log: Logger): Promise<readonly [Recording, Replayed]> {
  const [{ readRecording }, { replayRequest }] = await Promise.all([
    import('../../replay/read-recording.ts'),
    import('../../runtime.ts'),
  ]);
  const recording = await readRecording(file);
  const { app } = recording.head;
  const { inspect } = options;
  const locked = await lockApp(options.from ?? app.origin, { purpose: 'build', profile: app.profile });
  const replayed = await replayRequest(locked, recording, {
    log,
    variables: {},
    environment: {},
    debug: inspect !== undefined,
    cacheDirectory: options.cache ? cacheFolder(options.cacheDir) : undefined,
    beforeRequest: inspect === undefined ? undefined : () => waitForDebugger(inspect, log),
  });
  return [recording, replayed];
}

/** The component is loaded by then, so that a debugger sees its sources. */
async function waitForDebugger(address: string | true, log: Logger): Promise<void> {
  const inspector = await import('node:inspector');
  await openInspector(address, log);
  say('Waiting for a debugger; the request runs when it is there');
  inspector.waitForDebugger();
}

function isSame({ departures, response, end }: Replayed): boolean {
  return departures.length === 0 && response.length === 0 && end === undefined;
}

function asData(replayed: Replayed): object {
  const { departures, response, end, calls, isSameComponent } = replayed;
  return { same: isSame(replayed), sameComponent: isSameComponent, calls, departures, response, end };
}

function printWords(name: string, { head, response }: Recording, replayed: Replayed): void {
  const { departures, calls, isSameComponent } = replayed;
  const { method, target } = head.request;
  if (!isSameComponent) say(`${name}The component "${head.component.id}" is not the one that was recorded`);
  if (isSame(replayed)) {
    const { status, error, body } = response;
    const answer = status === undefined ? `the error ${error?.code}` : `status ${status}, ${body?.length ?? 0} bytes`;
    print(printable(`${name}The same: ${method} ${target}, ${calls} calls, ${answer}`));
    return;
  }
  print(printable(`${name}Departs: ${method} ${target}`));
  for (const { call, message } of departures) print(printable(`  Call ${call}: ${message}`));
  for (const message of replayed.response) print(printable(`  Response: ${message}`));
  if (replayed.end !== undefined) print(printable(`  End: ${replayed.end}`));
}
