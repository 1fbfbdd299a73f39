// What WASI keeps for one component of an app, and for one sandbox while that serves one request. Parts that a request
// may never touch are made on first use, so that making a state costs next to nothing.
import type { LockedComponent } from '../../app/locked-app.ts';
import type { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { SendRequest } from '../http-message.ts';
import { Refusals } from '../network/refusals.ts';
import type { SandboxContext, ServiceStates } from '../service.ts';
import { lineOutput } from './cli/line-output.ts';
import type { FilesystemOwner } from './filesystem/descriptor.ts';
import type { Preopen } from './filesystem/mount-tree.ts';
import { type HttpLimits, RequestHttpLimits } from './http/state.ts';
import type { HostObject } from './io/host-object.ts';
import { emptyInputStream } from './io/source-stream.ts';
import type { InputStream, OutputStream } from './io/streams.ts';
import type { FdTable } from './preview1/fd-table.ts';
import { Network, type SocketOwner } from './sockets/network.ts';
import type { SocketPolicy } from './sockets/policy.ts';

/** Where a component's standard streams lead; a stream that is absent has its default. */
export interface Stdio {
  /** The default is a stream that is at its end. */
  readonly stdin?: ((sandbox: SandboxContext) => InputStream) | undefined;
  /** The default sends each line to the sandbox's log, at most `logBytes` of them a request. */
  readonly stdout?: ((sandbox: SandboxContext) => OutputStream) | undefined;
  readonly stderr?: ((sandbox: SandboxContext) => OutputStream) | undefined;
}

export interface WasiConfigured {
  readonly component: LockedComponent;
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly arguments: readonly string[];
  readonly stdio: Stdio;
  /** Bytes that stdout and stderr may each bring to the log in a request: the component's limit `logBytes`. */
  readonly logBytes: number;
  readonly preopens: readonly Preopen[];
  /** Closes what the mounts hold open. */
  readonly closeMounts?: (() => void) | undefined;
  /** Whether `files` mounts may be changed. */
  readonly writableFiles: boolean;
  readonly httpLimits?: HttpLimits | undefined;
  /** What the component may do with sockets; undefined when it may use none at all. */
  readonly socketPolicy?: SocketPolicy | undefined;
  /** Sends the component's requests; undefined when it has no outbound HTTP at all. */
  readonly sendRequest: SendRequest | undefined;
  /** Closes the connections of outbound HTTP. */
  readonly closeOutbound?: (() => void) | undefined;
}

/** The means by which a component sends HTTP requests. */
export interface OutboundHttp {
  readonly send: SendRequest;
  /** Closes its connections, those in use as well. */
  readonly close: () => void;
}

/** What a command gets for one run, in place of what its component is configured with. */
export interface CommandContext {
  readonly arguments: readonly string[];
  /** Variables that are added to the component's own, and take precedence over them. */
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly stdin: InputStream;
  /** Undefined for the component's own, which is the log unless it says otherwise. */
  readonly stdout: OutputStream | undefined;
}

export class WasiState implements FilesystemOwner, SocketOwner {
  readonly open = new Set<HostObject>();
  openFiles = 0;
  readonly configured: WasiConfigured;
  readonly sandbox: SandboxContext;
  /** Set before the guest starts, when it runs as a command. */
  command: CommandContext | undefined;
  /** The descriptor numbers of a core module; undefined until it uses one. */
  preview1: FdTable | undefined;
  #network: Network | undefined;
  #refusals: Refusals | undefined;
  #httpLimits: HttpLimits | undefined;
  #stdin: InputStream | undefined;
  #stdout: OutputStream | undefined;
  #stderr: OutputStream | undefined;

  constructor(configured: WasiConfigured, sandbox: SandboxContext) {
    this.configured = configured;
    this.sandbox = sandbox;
  }

  get httpLimits(): HttpLimits {
    this.#httpLimits ??= new RequestHttpLimits(this.hostBytes, this.configured.httpLimits);
    return this.#httpLimits;
  }

  get hostBytes(): HostByteBudget {
    return this.sandbox.hostBytes;
  }

  /** The number of components that have passed on the request that is served. */
  get hops(): number {
    return this.sandbox.hops ?? 0;
  }
  get propagation(): SandboxContext['propagation'] {
    return this.sandbox.propagation;
  }

  get signal(): AbortSignal {
    return this.sandbox.signal;
  }

  get network(): Network {
    this.#network ??= new Network(this.configured.socketPolicy, this.sandbox);
    return this.#network;
  }

  get refusals(): Refusals {
    this.#refusals ??= new Refusals(this.sandbox);
    return this.#refusals;
  }

  /** Called at the request's end: logs how many requests of the guest were refused without a line. */
  tellRefusals(): void {
    const untold = this.#refusals?.untold ?? 0;
    if (untold === 0) return;
    const text = `${untold} more requests were refused to it while it served this one`;
    logEvent(this.sandbox.log, 'requests-denied', { count: untold }, text);
  }

  get arguments(): readonly string[] {
    return this.command?.arguments ?? this.configured.arguments;
  }

  get environment(): readonly (readonly [name: string, value: string])[] {
    const { environment } = this.configured;
    return this.command ? [...new Map([...environment, ...this.command.environment])] : environment;
  }

  get stdin(): InputStream {
    this.#stdin ??= this.command?.stdin ?? this.configured.stdio.stdin?.(this.sandbox) ?? emptyInputStream;
    return this.#stdin;
  }

  get stdout(): OutputStream {
    this.#stdout ??= this.command?.stdout ?? this.configured.stdio.stdout?.(this.sandbox) ?? this.#log('stdout');
    return this.#stdout;
  }

  get stderr(): OutputStream {
    this.#stderr ??= this.configured.stdio.stderr?.(this.sandbox) ?? this.#log('stderr');
    return this.#stderr;
  }

  /** Closes the standard streams that were used; guests only drop their handles on them. */
  closeStdio(): void {
    this.#stdin?.close();
    this.#stdout?.close();
    this.#stderr?.close();
  }

  #log(stream: 'stdout' | 'stderr'): OutputStream {
    const { log } = this.sandbox;
    return lineOutput(
      (line) => logEvent(log, 'guest-output', { stream }, line),
      this.configured.logBytes,
      this.hostBytes,
    );
  }
}

/** The name of the service. */
export const WASI = 'wasi';

/** The state of WASI, for those who call a guest; undefined for a component that imports nothing of WASI. */
export function wasiStateOf(states: ServiceStates): WasiState | undefined {
  const state = states.stateOf(WASI);
  return state instanceof WasiState ? state : undefined;
}
