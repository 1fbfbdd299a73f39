// What WASI is for one component of an app, and for one sandbox while it serves one request. Parts that a request may
// never touch are made on first use: making a state costs next to nothing.
import type { LockedComponent } from '../../app/locked-app.ts';
import type { SendRequest } from '../http-message.ts';
import type { SandboxContext } from '../service.ts';
import { lineOutput } from './cli/line-output.ts';
import type { FilesystemOwner } from './filesystem/descriptor.ts';
import type { Preopen } from './filesystem/mount-tree.ts';
import type { HttpLimits } from './http/state.ts';
import type { HostObject } from './io/host-object.ts';
import { emptyInputStream } from './io/source-stream.ts';
import type { InputStream, OutputStream } from './io/streams.ts';

/** Where a component's standard streams lead; what is absent has its default. */
export interface Stdio {
  /** Default: at its end. */
  readonly stdin?: ((sandbox: SandboxContext) => InputStream) | undefined;
  /** Default: each line goes to the sandbox's log, at most `logBytes` of them a request. */
  readonly stdout?: ((sandbox: SandboxContext) => OutputStream) | undefined;
  readonly stderr?: ((sandbox: SandboxContext) => OutputStream) | undefined;
}

export interface WasiConfigured {
  readonly component: LockedComponent;
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly arguments: readonly string[];
  readonly stdio: Stdio;
  /** Limit `logBytes` of the component, for stdout and stderr each. */
  readonly logBytes: number;
  readonly preopens: readonly Preopen[];
  /** `files` mounts may be changed. */
  readonly writableFiles: boolean;
  readonly httpLimits?: HttpLimits | undefined;
  /** undefined: the component has no outbound HTTP at all. */
  readonly sendRequest: SendRequest | undefined;
}

export class WasiState implements FilesystemOwner {
  readonly open = new Set<HostObject>();
  openFiles = 0;
  readonly configured: WasiConfigured;
  readonly sandbox: SandboxContext;
  #stdin: InputStream | undefined;
  #stdout: OutputStream | undefined;
  #stderr: OutputStream | undefined;

  constructor(configured: WasiConfigured, sandbox: SandboxContext) {
    this.configured = configured;
    this.sandbox = sandbox;
  }

  get signal(): AbortSignal {
    return this.sandbox.signal;
  }

  get stdin(): InputStream {
    this.#stdin ??= this.configured.stdio.stdin?.(this.sandbox) ?? emptyInputStream;
    return this.#stdin;
  }

  get stdout(): OutputStream {
    this.#stdout ??= this.configured.stdio.stdout?.(this.sandbox) ?? this.#log('stdout');
    return this.#stdout;
  }

  get stderr(): OutputStream {
    this.#stderr ??= this.configured.stdio.stderr?.(this.sandbox) ?? this.#log('stderr');
    return this.#stderr;
  }

  /** Closes the standard streams that were used; guests drop their handles on them, never the streams. */
  closeStdio(): void {
    this.#stdin?.close();
    this.#stdout?.close();
    this.#stderr?.close();
  }

  #log(stream: 'stdout' | 'stderr'): OutputStream {
    const { log } = this.sandbox;
    return lineOutput((line) => log.info({ stream }, line), this.configured.logBytes);
  }
}
