// Replays recordings in this process, and says what departs.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { lockApp } from '../../src/app/lock.ts';
import { readRecording } from '../../src/replay/read-recording.ts';
import type { RecordSettings } from '../../src/runtime/record.ts';
import { replayRequest } from '../../src/runtime.ts';
import { silentLog } from '../../src/telemetry/log.ts';

export function recordAllTo(folder: string): RecordSettings {
  const MiB = 1_048_576;
  return {
    folder,
    share: 1,
    onlyFailures: false,
    recordingBytes: 64 * MiB,
    files: 10_000,
    totalBytes: 4096 * MiB,
    profile: undefined,
    mayfly: 'of a test',
  };
}

/** What came of the recordings of a folder: what departed, in words, by their files. */
export async function replayAll(
  folder: string,
  cacheDirectory: string,
): Promise<{ readonly count: number; readonly departed: readonly string[] }> {
  const departed: string[] = [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  for (const file of files) {
    const recording = await readRecording(join(folder, file));
    const { app, request, component } = recording.head;
    const locked = await lockApp(app.origin, { purpose: 'build', profile: app.profile });
    const options = { log: silentLog, variables: {}, environment: {}, cacheDirectory };
    const { departures, response, end } = await replayRequest(locked, recording, options);
    const found = [
      ...departures.map(({ call, message }) => `call ${call}: ${message}`),
      ...response,
      ...(end ? [end] : []),
    ];
    if (found.length > 0) departed.push(`${request.method} ${request.target} of ${component.id}: ${found.join('; ')}`);
  }
  return { count: files.length, departed };
}
