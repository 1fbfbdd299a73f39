// `mayfly up --inspect`: a debugger sees the source of a component, stops at a line of it, steps, and lets it go on.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { findMappedLines } from '../../src/sandbox/source-lines/source-map.ts';
import { compileSource } from '../guests/support/command.ts';
import { Debugger, type Json } from '../support/debugger.ts';
import { mayfly, serve } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-inspect-'));
after(() => rmSync(folder, { recursive: true }));
const timeout = 120_000;

before(
  async () => {
    const source = 'test/guests/crash-c/crash.c';
    copyFileSync(source, join(folder, 'main.c'));
    writeFileSync(
      join(folder, 'app.wasm'),
      await compileSource(source, ['--target=wasm32-wasip1', '-O1', '-gdwarf-4']),
    );
  },
  { timeout },
);

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent: readonly (string | null)[];
}

interface Frame {
  readonly functionName: string;
  readonly location: { readonly columnNumber: number };
}

test('a breakpoint at a line of the source hits, and the guest can be stepped through', { timeout }, async () => {
  const app = await serve(['-f', 'app.wasm', '--inspect=127.0.0.1:0', '--limit', 'wall=200ms'], folder);
  const [url = ''] = await app.printed(/ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/);
  const client = await Debugger.connect(url);
  await client.call('Debugger.enable');
  const isMine = ({ scriptLanguage, sourceMapURL }: Json): boolean =>
    scriptLanguage === 'WebAssembly' && String(sourceMapURL).startsWith('data:');
  const script = await client.event('Debugger.scriptParsed', isMine);
  const json = Buffer.from(String(script.sourceMapURL).split(',')[1] ?? '', 'base64').toString();
  const map = JSON.parse(json) as SourceMap;
  const index = map.sources.indexOf(pathToFileURL(join(folder, 'main.c')).href);
  assert.ok(index >= 0, map.sources.join());
  assert.match(map.sourcesContent[index] ?? '', /static int divide/);
  const kinds = (script.debugSymbols as { type: string }[]).map(({ type }) => type);
  assert.ok(kinds.includes('EmbeddedDWARF') && kinds.includes('SourceMap'), kinds.join());

  // A debugger looks up the columns of a line in the map.
  const columns = Array.from({ length: Number(script.endColumn) }, (_, at) => at);
  const lines = findMappedLines(json, columns);
  const lineAt = (column: number): string => {
    const line = lines.get(column);
    return line === undefined ? '' : `${line.file.split('/').at(-1)}:${line.line}`;
  };
  const columnNumber = columns.find((column) => lineAt(column) === 'main.c:12') ?? assert.fail('line 12 has no code');
  const location = { scriptId: script.scriptId, lineNumber: 0, columnNumber };
  const breakpoint = await client.call('Debugger.setBreakpoint', { location });
  assert.equal(breakpoint.error, undefined);

  const response = fetch(`${app.url}/`, { headers: { count: '3' }, signal: AbortSignal.timeout(60_000) });
  const paused = await client.event('Debugger.paused');
  const [frame, caller] = paused.callFrames as Frame[];
  assert.deepEqual(paused.hitBreakpoints, [breakpoint.breakpointId]);
  assert.match(frame?.functionName ?? '', /sum/);
  assert.equal(lineAt(frame?.location.columnNumber ?? -1), 'main.c:12');
  assert.match(lineAt(caller?.location.columnNumber ?? -1), /^main\.c:(19|20|21)$/);
  // Limits of time would end it here.
  await new Promise((resolve) => setTimeout(resolve, 600));
  await client.call('Debugger.stepOver');
  const [next] = (await client.event('Debugger.paused')).callFrames as Frame[];
  assert.match(next?.functionName ?? '', /sum/);
  assert.ok((next?.location.columnNumber ?? 0) > columnNumber, 'it has gone on');
  await client.call('Debugger.disable');
  assert.equal((await response).status, 200);
  client.close();
  app.kill('SIGKILL');
  await app.ended;
});

test('--inspect is for one process, and takes an address', { timeout }, () => {
  const run = (...args: string[]) => mayfly(['up', '-f', 'app.wasm', ...args], folder).stderr;
  assert.match(run('--inspect', '--workers', '2'), /error\[usage\]: '--inspect' is for one process/);
  assert.match(run('--inspect=here'), /error\[usage\]: "here" is no address/);
  assert.match(run('--inspect=127.0.0.1:99999'), /no address/);
});
