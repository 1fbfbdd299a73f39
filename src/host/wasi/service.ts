// The host service 'wasi': every WASI interface over one state, since its resources cross from one to the other.
// It holds no functions of its own; each folder beside it brings the interfaces of one WASI package.
import type { LockedComponent } from '../../app/locked-app.ts';
import type { HostInterface } from '../../component/types/val-type.ts';
import { limitsOf } from '../../limits.ts';
import { type AllowedHost, allowedHostsOf } from '../network/allowed-hosts.ts';
import type { ComponentContext, HostService } from '../service.ts';
import { cliInterfaces } from './cli/bindings-0.2.ts';
import { cliInterfaces03 } from './cli/bindings-0.3.ts';
import { clocksInterfaces } from './clocks/bindings-0.2.ts';
import { clocksInterfaces03 } from './clocks/bindings-0.3.ts';
import { filesystemInterfaces } from './filesystem/bindings-0.2.ts';
import { filesystemInterfaces03 } from './filesystem/bindings-0.3.ts';
import { mountsOf } from './filesystem/component-mounts.ts';
import { httpInterfaces } from './http/bindings-0.2.ts';
import { httpInterfaces03 } from './http/bindings-0.3.ts';
import { ioInterfaces } from './io/bindings-0.2.ts';
import { releaseAll } from './io/host-object.ts';
import { preview1Module } from './preview1/module.ts';
import { randomInterfaces } from './random/bindings-0.2.ts';
import { randomInterfaces03 } from './random/bindings-0.3.ts';
import { interfaces20231018 } from './release-candidates/2023-10-18.ts';
import { interfaces20231110 } from './release-candidates/2023-11-10.ts';
import { RC_2026_03_15, sameIn } from './release-candidates/versions.ts';
import signatures from './signatures-0.2.json' with { type: 'json' };
import signatures03 from './signatures-0.3.json' with { type: 'json' };
import signatures03Candidate from './signatures-2026-03-15.json' with { type: 'json' };
import { socketsInterfaces } from './sockets/bindings-0.2.ts';
import { socketsInterfaces03 } from './sockets/bindings-0.3.ts';
import { policyOf, type SocketPolicy } from './sockets/policy.ts';
import { type OutboundHttp, type Stdio, WASI, type WasiConfigured, WasiState } from './state.ts';
import { withSignatures } from './with-signatures.ts';

export interface WasiOptions {
  /** Makes the outbound HTTP of a component with its permissions; without this every request is denied. */
  readonly outboundHttp?: ((context: ComponentContext, allowed: readonly AllowedHost[]) => OutboundHttp) | undefined;
  /** Gives what a component may do with sockets; by default what `allowed_outbound_hosts` allows. */
  readonly socketPolicy?: ((component: LockedComponent) => SocketPolicy) | undefined;
  /** Where standard streams lead; by default lines go to the log. */
  readonly stdio?: Stdio | undefined;
  /** Gives the command line of a component; empty by default. */
  readonly arguments?: ((component: LockedComponent) => readonly string[]) | undefined;
  readonly extraInterfaces?: readonly HostInterface[] | undefined;
}

/** All interfaces of WASI 0.2 that guests may import, with the types that they have to import them under. */
export const wasiInterfaces: readonly HostInterface[] = withSignatures(
  [
    ...ioInterfaces,
    ...clocksInterfaces,
    ...randomInterfaces,
    ...cliInterfaces,
    ...filesystemInterfaces,
    ...socketsInterfaces,
    ...httpInterfaces,
  ],
  signatures,
);

/** All interfaces of WASI 0.3 that guests may import. */
export const wasiInterfaces03: readonly HostInterface[] = withSignatures(
  [
    ...clocksInterfaces03,
    ...randomInterfaces03,
    ...cliInterfaces03,
    ...filesystemInterfaces03,
    ...socketsInterfaces03,
    ...httpInterfaces03,
  ],
  signatures03,
);

/** The interfaces of the candidates of 0.2 that old Spin apps import, and of the one of 0.3 that Spin 4 had first. */
export const candidateInterfaces: readonly HostInterface[] = [
  ...interfaces20231110,
  ...interfaces20231018,
  ...withSignatures(
    wasiInterfaces03.map((one) => sameIn(one, RC_2026_03_15)),
    signatures03Candidate,
  ),
];

export function createWasiService(options: WasiOptions = {}): HostService<undefined, WasiConfigured, WasiState> {
  return {
    name: WASI,
    interfaces: [...wasiInterfaces, ...wasiInterfaces03, ...candidateInterfaces, ...(options.extraInterfaces ?? [])],
    coreModules: [preview1Module],
    configureComponent(context) {
      const { app, component, log, network } = context;
      const allowed = allowedHostsOf(context);
      const outbound = options.outboundHttp?.(context, allowed);
      const mounts = mountsOf(component, log);
      const limits = [component.settings.limits, app.settings.limits];
      return {
        component,
        environment: Object.entries(component.environment),
        arguments: options.arguments?.(component) ?? [],
        stdio: options.stdio ?? {},
        logBytes: limitsOf('output', ...limits).logBytes,
        preopens: mounts.preopens,
        closeMounts: mounts.close,
        writableFiles: component.settings.writableFiles,
        httpLimits: limitsOf('wasi', ...limits),
        sendRequest: outbound?.send,
        closeOutbound: outbound?.close,
        socketPolicy: options.socketPolicy?.(component) ?? policyOf(allowed, network),
      };
    },
    prepare: (configured, sandbox) => new WasiState(configured, sandbox),
    finish(state) {
      releaseAll(state);
      state.closeStdio();
      state.tellRefusals();
    },
    closeComponent({ closeMounts, closeOutbound }) {
      closeMounts?.();
      closeOutbound?.();
    },
  };
}
