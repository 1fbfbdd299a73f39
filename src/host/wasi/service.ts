// The host service 'wasi': every WASI interface over one state, since its resources cross from one to the other.
// It holds no functions of its own; each folder beside it brings the interfaces of one WASI package.
import type { LockedComponent } from '../../app/locked-app.ts';
import type { HostInterface } from '../../component/types/val-type.ts';
import type { ComponentContext, HostService } from '../service.ts';
import { cliInterfaces } from './cli/bindings-0.2.ts';
import { cliInterfaces03 } from './cli/bindings-0.3.ts';
import { clocksInterfaces } from './clocks/bindings-0.2.ts';
import { clocksInterfaces03 } from './clocks/bindings-0.3.ts';
import { filesystemInterfaces } from './filesystem/bindings-0.2.ts';
import { filesystemInterfaces03 } from './filesystem/bindings-0.3.ts';
import { mountsOf } from './filesystem/component-mounts.ts';
import { httpInterfaces03 } from './http/bindings-0.3.ts';
import { httpInterfaces } from './http/interfaces.ts';
import { httpLimitsFrom } from './http/state.ts';
import { ioInterfaces } from './io/bindings-0.2.ts';
import { releaseAll } from './io/host-object.ts';
import { preview1Module } from './preview1/module.ts';
import { randomInterfaces } from './random/bindings-0.2.ts';
import { randomInterfaces03 } from './random/bindings-0.3.ts';
import { interfaces20231018 } from './release-candidates/2023-10-18.ts';
import { interfaces20231110 } from './release-candidates/2023-11-10.ts';
import { RC_2026_03_15, sameIn } from './release-candidates/derive.ts';
import signatures from './signatures-0.2.json' with { type: 'json' };
import signatures03 from './signatures-0.3.json' with { type: 'json' };
import { socketsInterfaces } from './sockets/bindings-0.2.ts';
import { socketsInterfaces03 } from './sockets/bindings-0.3.ts';
import { policyOf, type SocketPolicy } from './sockets/policy.ts';
import { type OutboundHttp, type Stdio, type WasiConfigured, WasiState } from './state.ts';

/** Made by scripts/wit-signatures.ts. */
type Signatures = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** In bytes, for each of stdout and stderr, a request. */
const DEFAULT_LOG_BYTES = 1_048_576;

export interface WasiOptions {
  /** Outbound HTTP of a component, after its permissions; without it every request is denied. */
  readonly outboundHttp?: ((context: ComponentContext) => OutboundHttp) | undefined;
  /** What a component may do with sockets; by default what `allowed_outbound_hosts` opens. */
  readonly socketPolicy?: ((component: LockedComponent) => SocketPolicy) | undefined;
  /** Where standard streams lead; by default lines go to the log. */
  readonly stdio?: Stdio | undefined;
  /** Command line of a component; by default empty. */
  readonly arguments?: ((component: LockedComponent) => readonly string[]) | undefined;
  readonly extraInterfaces?: readonly HostInterface[] | undefined;
}

/** Everything of WASI 0.2 that guests may import, with the types that they have to import it under. */
export const wasiInterfaces: readonly HostInterface[] = [
  ...ioInterfaces,
  ...clocksInterfaces,
  ...randomInterfaces,
  ...cliInterfaces,
  ...filesystemInterfaces,
  ...socketsInterfaces,
  ...httpInterfaces,
].map((one) => ({ ...one, signatures: (signatures as Signatures)[one.name] }));

/** Everything of WASI 0.3 that guests may import. */
export const wasiInterfaces03: readonly HostInterface[] = [
  ...clocksInterfaces03,
  ...randomInterfaces03,
  ...cliInterfaces03,
  ...filesystemInterfaces03,
  ...socketsInterfaces03,
  ...httpInterfaces03,
].map((one) => ({ ...one, signatures: (signatures03 as Signatures)[one.name] }));

/** The candidates of 0.2 that old Spin apps import, and that of 0.3 which Spin 4 had first. */
export const candidateInterfaces: readonly HostInterface[] = [
  ...interfaces20231110,
  ...interfaces20231018,
  ...wasiInterfaces03.map((one) => sameIn(one, RC_2026_03_15)),
];

export function createWasiService(options: WasiOptions = {}): HostService<undefined, WasiConfigured, WasiState> {
  return {
    name: 'wasi',
    interfaces: [...wasiInterfaces, ...wasiInterfaces03, ...candidateInterfaces, ...(options.extraInterfaces ?? [])],
    coreModules: [preview1Module],
    configureComponent(context) {
      const { app, component, log } = context;
      const outbound = options.outboundHttp?.(context);
      const mounts = mountsOf(component, log);
      return {
        component,
        environment: Object.entries(component.environment),
        arguments: options.arguments?.(component) ?? [],
        stdio: options.stdio ?? {},
        logBytes: component.settings.limits.logBytes ?? app.settings.limits.logBytes ?? DEFAULT_LOG_BYTES,
        preopens: mounts.preopens,
        closeMounts: mounts.close,
        writableFiles: component.settings.writableFiles,
        httpLimits: httpLimitsFrom(component.settings.limits, app.settings.limits),
        sendRequest: outbound?.send,
        closeOutbound: outbound?.close,
        socketPolicy: (options.socketPolicy ?? policyOf)(component),
      };
    },
    prepare: (configured, sandbox) => new WasiState(configured, sandbox),
    finish(state) {
      releaseAll(state);
      state.closeStdio();
    },
    closeComponent({ closeMounts, closeOutbound }) {
      closeMounts?.();
      closeOutbound?.();
    },
  };
}
