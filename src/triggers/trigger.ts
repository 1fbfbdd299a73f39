// What a trigger is to the rest: a type of triggers says which components it calls and how, is loaded with an app whose
// components are there, and runs until it is stopped. A new type is a folder beside http/, and a line in
// runtime/triggers.ts; its keys in the manifest are a file of app/manifest/triggers/.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { LockedTrigger } from '../app/manifest/triggers/all.ts';
import type { Entry, Guest } from '../invocation/exchange.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HttpDispatcher } from './http/dispatcher.ts';

/** A component that triggers of a type may call, behind the components that an event passes before. */
export interface Target {
  readonly component: LockedComponent;
  /** Absolute paths, the first one first. */
  readonly middleware: readonly string[];
  /**
   * A trigger names it, or nobody but this type could call it: loading fails without the export that is called. The
   * others are loaded as far as they have it.
   */
  readonly isNamed: boolean;
}

/** A target that is loaded. */
export interface LoadedTarget<E extends Entry = Entry> {
  readonly component: LockedComponent;
  readonly guest: Guest;
  readonly entry: E;
  readonly log: Logger;
}

/** What the command line says about triggers: each takes what concerns it. */
export interface TriggerOptions {
  readonly log: Logger;
  /** After each event, the log shows what it used. */
  readonly summary?: boolean | undefined;
  /** Responses say how long they took, in the header `server-timing`. */
  readonly serverTiming?: boolean | undefined;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** A socket that listens already, handed over by a parent process; it takes the place of host and port. */
  readonly handle?: object | undefined;
}

export interface RunOptions {
  readonly listen: ListenAddress;
}

/** An app whose components are loaded, as one of its triggers sees it. */
export interface TriggerApp<E extends Entry = Entry> {
  readonly locked: LockedApp;
  readonly options: TriggerOptions;
  /** Undefined for what is none of the targets, or has not the export that is called. */
  find(componentId: string, middleware?: readonly string[]): LoadedTarget<E> | undefined;
}

/** Methods are called in their order here. `E` is what the type knows of the function that it calls. */
export interface TriggerType<E extends Entry = Entry> {
  /** As in `[[trigger.<type>]]`. */
  readonly type: LockedTrigger['type'];
  targets(app: LockedApp): readonly Target[];
  /**
   * Chooses the function that is called, by what the component exports. Throws `guest-no-handler`, and
   * `guest-handler-type` when what is there cannot be called as its interface says.
   */
  findEntry(artifact: Artifact, app: LockedApp, target: Target): E;
  /** Has a guest answer a made-up event, whose path the manifest gives, before its image is taken. Absent: it cannot. */
  warm?(guest: Guest, entry: E, path: string): Promise<WarmAnswer>;
  load(app: TriggerApp<E>): Trigger;
  /** The lines that people see when the app is served; `url` is where it is, for triggers that listen. */
  describe(app: LockedApp, url: string): readonly string[];
}

export interface WarmAnswer {
  readonly isFailure: boolean;
  /** For people. */
  readonly words: string;
}

/** The triggers of one type in one app. */
export interface Trigger {
  /** The way in without a socket, for triggers that take HTTP requests. */
  readonly http?: HttpDispatcher | undefined;
  /** Starts to take events. Resolves when it does; rejects when it cannot. */
  run(options: RunOptions): Promise<RunningTrigger>;
  /** Takes no more at once, resolves when the events in flight are done, at the latest after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

export interface RunningTrigger {
  /** Where it listens, as host and port; undefined for triggers that listen nowhere. */
  readonly authority?: string | undefined;
}
