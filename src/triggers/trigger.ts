// What a trigger is to the rest. A type of triggers says which components it calls and how; it is loaded with an app
// whose components are there, and runs until it is stopped. A new type is a folder beside http/, and a line in
// runtime/triggers.ts; its keys in the manifest are a file of app/manifest/triggers/.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { LockedMiddleware } from '../app/locked-file.ts';
import type { LockedTrigger } from '../app/manifest/triggers/all.ts';
import type { HttpRequest } from '../host/http-message.ts';
import type { WebSocketConnections } from '../host/websocket/connections.ts';
import type { Entry, Guest } from '../invocation/exchange.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Tracer } from '../telemetry/tracer.ts';
import type { FinishedRequest, Usage } from '../telemetry/usage.ts';
import type { HttpDispatcher, HttpHandler } from './http/dispatcher.ts';
import type { HttpEntry } from './http/entry.ts';
import type { FailurePage } from './http/failure-page.ts';

/** A component that triggers of a type may call, with the middleware that an event passes through before it. */
export interface Target {
  readonly component: LockedComponent;
  /** The middleware, the outermost first. */
  readonly middleware: readonly LockedMiddleware[];
  /**
   * Whether a trigger names the component, or nobody but this type could call it: loading then fails without the export
   * that is called. Other components are loaded as far as they have it.
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

/** The options of the command line about triggers; each type uses those that concern it. */
export interface TriggerOptions {
  readonly log: Logger;
  /** Whether the log shows after each event what it used. */
  readonly summary?: boolean | undefined;
  /** Called with what each HTTP request used, once its guest has ended. */
  readonly onUsage?: ((usage: Usage) => void) | undefined;
  /** Called with each HTTP request when it is over: answered to the last byte, and its guest has ended. */
  readonly onRequest?: ((request: FinishedRequest) => void) | undefined;
  /** Records the traces of HTTP requests, and of what their guests have the host do. */
  readonly tracer?: Tracer | undefined;
  /** Whether responses say, in the header `server-timing`, how long they took. */
  readonly serverTiming?: boolean | undefined;
  /** What developers get in the place of a failed response. */
  readonly failurePage?: FailurePage | undefined;
  /** Stands around the handlers of HTTP requests. */
  readonly around?: AroundHandlers | undefined;
  /** The arguments of commands, without the name of the program. */
  readonly arguments?: readonly string[] | undefined;
  /** Where commands write; by default their lines stand in the log. */
  readonly stdout?: Writable | undefined;
  /** Says why the process around the app is not ready to serve; undefined when it is. */
  readonly notReady?: (() => string | undefined) | undefined;
}

export interface AroundHandlers {
  /** Gives the handler that is called in the place of one of a guest. */
  handler(handler: HttpHandler, guest: Guest, entry: HttpEntry): HttpHandler;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** A socket that listens already, handed over by a parent process; it takes the place of host and port. */
  readonly handle?: object | undefined;
  /** The path of a socket, or the descriptor of one that is there, in the place of host and port. */
  readonly path?: string | undefined;
  readonly fd?: number | undefined;
  /** The permissions of the path; by default those that the process gives to files. */
  readonly mode?: number | undefined;
  /** Whether other processes listen there, too, and the system spreads connections over them. */
  readonly isShared?: boolean | undefined;
}

/** A certificate with its chain, and its key: paths of files in the format PEM. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** How triggers that take HTTP requests are reached. */
export interface HttpOptions {
  /** With these they are reached over TLS only; the first is for clients that ask for no name that is there. */
  readonly certificates?: readonly CertificateFiles[] | undefined;
  /** Whether HTTP/2 is taken without TLS as well, from clients that begin with it. */
  readonly http2?: boolean | undefined;
  /** The addresses and networks of the proxies that are believed when they say who sent a request. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** Whether these proxies speak the PROXY protocol. */
  readonly proxyProtocol?: boolean | undefined;
  /** A port beside, which leads clients to the one with TLS. */
  readonly redirect?: ListenAddress | undefined;
}

export interface RunOptions {
  readonly listen: ListenAddress;
  readonly http?: HttpOptions | undefined;
  /** The routes on which connections of HTTP change to another protocol. */
  readonly upgrades?: readonly UpgradeRoute[] | undefined;
}

/** A route on which a connection changes from HTTP to another protocol, which another trigger speaks. */
export interface UpgradeRoute {
  readonly route: string;
  /** The protocol as in the header `upgrade`, in lower case. */
  readonly protocol: string;
  /** Takes the connection over: it must answer the request, and see to the socket from then on. */
  take(upgrade: Upgrade): void;
}

export interface Upgrade {
  /** The request, with the headers that a guest may see. It was checked as every other one. */
  readonly request: HttpRequest;
  readonly raw: IncomingMessage;
  readonly socket: Socket;
  /** What came behind the request. */
  readonly head: Buffer;
}

/** An app whose components are loaded, as one of its triggers sees it. */
export interface TriggerApp<E extends Entry = Entry> {
  readonly locked: LockedApp;
  readonly options: TriggerOptions;
  /** Says why the app cannot serve now, for the health check of the HTTP trigger; undefined when it can. */
  trouble(): string | undefined;
  /** Finds a loaded target. Undefined for a component that is no target, or does not export what is called. */
  find(componentId: string, middleware?: readonly LockedMiddleware[]): LoadedTarget<E> | undefined;
  /** The WebSockets of the app: who takes them puts them here, where components find them. */
  readonly webSockets: WebSocketConnections;
  /** Puts the values of variables in the place of `{{ name }}`. Throws or rejects with a VariableError. */
  expand(template: string): string | Promise<string>;
}

/**
 * A type of triggers. Its methods are called in their order here. `E` is what the type knows of the function that it
 * calls.
 */
export interface TriggerType<E extends Entry = Entry> {
  /** The type's name, as in `[[trigger.<type>]]`. */
  readonly type: LockedTrigger['type'];
  /**
   * Whether each event would come to every process that runs such triggers, so that of several workers one alone runs
   * them.
   */
  readonly runsInOneWorker?: boolean | undefined;
  targets(app: LockedApp): readonly Target[];
  /**
   * Chooses the function that is called among those that the component exports. Throws `guest-no-handler`, and
   * `guest-handler-type` when what is there cannot be called as its interface says.
   */
  findEntry(artifact: Artifact, app: LockedApp, target: Target): E;
  /**
   * Makes a guest answer a made-up event, whose path the manifest gives, before its image is taken. Absent for a type
   * that cannot do so.
   */
  warm?(guest: Guest, entry: E, path: string): Promise<WarmAnswer>;
  load(app: TriggerApp<E>): Trigger;
  /** The lines that people see when the app is served. `url` is where it is, for triggers that listen. */
  describe(app: LockedApp, url: string): readonly string[];
  /** The same as data, for programs. Absent for a type that has none. */
  describeAsData?(app: LockedApp, url: string): object;
}

export interface WarmAnswer {
  readonly isFailure: boolean;
  /** The answer in words, for people. */
  readonly words: string;
}

/** The triggers of one type in one app. */
export interface Trigger {
  /** Takes HTTP requests without a socket; set for triggers that take such requests. */
  readonly http?: HttpDispatcher | undefined;
  /** The routes on which it takes over connections that begin as HTTP. */
  readonly upgrades?: readonly UpgradeRoute[] | undefined;
  /** Why it takes no events though it runs, such as a connection that was lost; undefined when all is well. */
  readonly trouble?: string | undefined;
  /** Starts to take events. Resolves when the trigger takes them; rejects when it cannot. */
  run(options: RunOptions): Promise<RunningTrigger>;
  /** Takes no more events from now on, and resolves when those in flight are done, at the latest after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

export interface RunningTrigger {
  /** Host and port where the trigger listens; undefined for one that listens nowhere. */
  readonly authority?: string | undefined;
  /**
   * Resolves to an exit code when the triggers have done all that they have to do, and the app ends with them; undefined
   * for those that wait for events until they are stopped. Never rejects.
   */
  readonly ended?: Promise<number> | undefined;
}
