// Makes the recorder of an app: its folder, and the values that must not stand in a recording.
import type { LockedApp } from '../app/locked-app.ts';
import { Recorder } from '../replay/recorder.ts';
import { RecordingsFolder } from '../replay/recordings-folder.ts';
import type { Logger } from '../telemetry/log.ts';

/** What `mayfly up --record` asks for. */
export interface RecordSettings {
  /** The absolute path of the folder. */
  readonly folder: string;
  /** The share of the requests that are recorded, up to 1. */
  readonly share: number;
  readonly onlyFailures: boolean;
  /** The most bytes that one recording may hold in memory. */
  readonly recordingBytes: number;
  /** The most recordings in the folder, and the most bytes of all of them. */
  readonly files: number;
  readonly totalBytes: number;
  /** The profile with which the app was locked. */
  readonly profile: string | undefined;
  /** The version of Mayfly. */
  readonly mayfly: string;
}

/** Requests that are recorded at once: each may hold `recordingBytes`. */
const MOST_AT_ONCE = 64;

/** `resolve` gives the value of a variable of the app. Rejects with `recordings-folder`. */
export async function openRecorder(
  { name, origin, variables }: LockedApp,
  settings: RecordSettings,
  { log, serverTiming = false }: { readonly log: Logger; readonly serverTiming?: boolean | undefined },
  resolve: (name: string) => string | Promise<string>,
): Promise<Recorder> {
  const { folder, share, onlyFailures, recordingBytes, files, totalBytes, profile, mayfly } = settings;
  const sink = await RecordingsFolder.open({ folder, mostFiles: files, mostBytes: totalBytes, log });
  const secret = Object.entries(variables).flatMap(([variable, { secret: isSecret }]) => (isSecret ? [variable] : []));
  // A variable without a value has nothing to hide.
  const values = await Promise.all(
    secret.map(async (variable) => resolve(variable)).map((value) => value.catch(() => '')),
  );
  return new Recorder({
    share,
    onlyFailures,
    mostBytes: recordingBytes,
    mostAtOnce: MOST_AT_ONCE,
    sink,
    app: { name, origin, ...(profile !== undefined && { profile }) },
    mayfly,
    secrets: values,
    serverTiming,
  });
}
