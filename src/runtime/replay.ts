// Runs a recorded request again: loads the app with nothing of the host behind it, and calls the recorded component.
import { type LockedApp, type LockedComponent, triggersOf } from '../app/locked-app.ts';
import { MayflyError } from '../errors.ts';
import { limitsOf } from '../limits.ts';
import type { Recording } from '../replay/format.ts';
import { Playback, type Played } from '../replay/playback.ts';
import type { HttpEntry } from '../triggers/http/entry.ts';
import { httpTrigger } from '../triggers/http/trigger.ts';
import type { LoadedComponent } from './load-component.ts';

export interface Replayed extends Played {
  /** Whether the component is made of the same files as the recorded one. */
  readonly isSameComponent: boolean;
}

interface LoadedToReplay {
  readonly components: readonly LoadedComponent[];
  close(): Promise<void>;
}

/**
 * `load` loads an app around which the playback stands. Rejects with `replay-component`, with `recording-corrupt`, and with
 * what keeps the app from being loaded.
 */
export async function replayIn(
  app: LockedApp,
  recording: Recording,
  load: (app: LockedApp, playback: Playback) => Promise<LoadedToReplay>,
): Promise<Replayed> {
  const playback = new Playback(recording);
  const loaded = await load(toReplay(app, recording), playback);
  try {
    const [guest, entry] = targetOf(recording, loaded.components);
    return { ...(await playback.run(guest, entry)), isSameComponent: playback.isSameComponent };
  } finally {
    await loaded.close();
  }
}

/** How much more time a guest gets than when it was recorded: this machine may be slower. */
const PATIENCE = 10;

/** The app as it is replayed: the component alone, without values of variables, which the recording has. */
function toReplay(app: LockedApp, { head, end }: Recording): LockedApp {
  const { id } = head.component;
  const wasStopped = end.error?.code === 'guest-cpu-limit';
  const variables = Object.fromEntries(
    Object.entries(app.variables).map(([name, one]) => [name, { ...one, required: false, default: '' }]),
  );
  const asRecorded = (component: LockedComponent): LockedComponent => {
    const { settings } = component;
    const { cpuMs, wallMs } = limitsOf('sandbox', settings.limits, app.settings.limits);
    // What the guest waited for comes at once, so that it holds the thread for all of its time.
    const times = { cpuMs: PATIENCE * cpuMs, cpuSliceMs: PATIENCE * cpuMs, wallMs: PATIENCE * wallMs };
    const limits = { ...settings.limits, ...head.component.limits, ...(wasStopped ? {} : times) };
    return { ...component, settings: { ...settings, limits } };
  };
  const components = app.components.filter((component) => component.id === id).map(asRecorded);
  const triggers = triggersOf(app, 'http').filter(
    ({ action }) => action.kind === 'component' && action.component === id,
  );
  return { ...app, variables, triggers, components };
}

function targetOf(
  { head }: Recording,
  components: readonly LoadedComponent[],
): readonly [LoadedComponent['guest'], HttpEntry] {
  const { id, middleware } = head.component;
  for (const { component, middleware: before, guest, entries } of components) {
    const entry = entries.get(httpTrigger) as HttpEntry | undefined;
    if (component.id === id && before.length === middleware.length && entry) return [guest, entry];
  }
  throw new MayflyError(
    'replay-component',
    `The app has no component "${id}" that answers HTTP requests as it was recorded`,
    {
      hint: "Name the app that was recorded with '-f'",
    },
  );
}
