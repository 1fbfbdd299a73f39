// Which function of a component answers requests, and in which way: found out by what it exports.
import type { LockedApp } from '../app/locked-app.ts';
import type { LiftedFunction, Plan, PlannedExport } from '../component/canon/plan.ts';
import { findInterface } from '../component/link/find-export.ts';
import { printFuncType } from '../component/types/print.ts';
import { MayflyError } from '../errors.ts';
import {
  HANDLER_TYPE,
  INCOMING_HANDLER_TYPE,
  RUN_TYPE,
  RUN_TYPE_03,
  START_TYPE,
} from '../host/wasi/http/handler-types.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import type { CommandOptions } from '../triggers/http/guest.ts';
import { HANDLE_REQUEST_TYPE } from '../triggers/http/inbound-http.ts';

export interface Entry {
  readonly handle: LiftedFunction;
  /** It is `handle` of wasi:http/handler@0.3. */
  readonly returnsResponse?: boolean | undefined;
  /** It is `handle-request` of fermyon:spin/inbound-http. */
  readonly inboundHttp?: boolean | undefined;
  /** Set when it is `run` of wasi:cli, or `_start` of a core module: requests come the CGI way. */
  readonly command?: CommandOptions | undefined;
}

/** Some trigger of the app wants the component run as a CGI program. */
export function wantsCommand(app: LockedApp, id: string): boolean {
  return app.triggers.some(({ action }) => action.kind === 'component' && action.component === id && action.wagi);
}

/**
 * Throws `guest-no-handler`, and `guest-handler-type` when what is there cannot be called as its interface says. A
 * component that could answer both ways is a handler unless `asCommand`.
 */
export function findEntry({ plan, isCommand }: Artifact, asCommand: boolean): Entry {
  const handler = asCommand ? undefined : findHandler(plan);
  if (handler) return handler;
  const run = findFunction(plan, runs);
  if (run) return { handle: run, command: { reusableAfterExit: isCommand } };
  throw asCommand ? noCommand(plan) : noHandler(plan);
}

/** A function that the host calls, in the order in which they are looked for. */
interface Wanted {
  readonly interface: string;
  readonly version: string | undefined;
  readonly name: string;
  readonly type: string;
}

const handlers: readonly Wanted[] = ['0.3.0', '0.3.0-rc-2026-03-15'].map((version) => ({
  interface: 'wasi:http/handler',
  version,
  name: 'handle',
  type: HANDLER_TYPE,
}));

/** The candidates of 0.2 are what old Spin apps export. */
const incomingHandlers: readonly Wanted[] = ['0.2.0', '0.2.0-rc-2023-11-10', '0.2.0-rc-2023-10-18'].map((version) => ({
  interface: 'wasi:http/incoming-handler',
  version,
  name: 'handle',
  type: INCOMING_HANDLER_TYPE,
}));

/** SDKs of Spin 1.4 and 1.5 export it without a version; Spin's later packages of the name have the version 2. */
const inboundHandlers: readonly Wanted[] = [undefined, '2.0.0'].map((version) => ({
  interface: 'fermyon:spin/inbound-http',
  version,
  name: 'handle-request',
  type: HANDLE_REQUEST_TYPE,
}));

const runs: readonly Wanted[] = [
  { interface: 'wasi:cli/run', version: '0.3.0', name: 'run', type: RUN_TYPE_03 },
  { interface: 'wasi:cli/run', version: '0.2.0', name: 'run', type: RUN_TYPE },
];

function findHandler(plan: Plan): Entry | undefined {
  const handle = findFunction(plan, handlers);
  if (handle) return { handle, returnsResponse: true };
  const incoming = findFunction(plan, incomingHandlers);
  if (incoming) return { handle: incoming };
  const inbound = findFunction(plan, inboundHandlers);
  return inbound && { handle: inbound, inboundHttp: true };
}

function findFunction(plan: Plan, all: readonly Wanted[]): LiftedFunction | undefined {
  for (const wanted of all) {
    const found = findInterface(plan, wanted.interface, wanted.version);
    if (found) return checked(found.exports.get(wanted.name), `${found.name} ${wanted.name}`, wanted);
  }
  return undefined;
}

/** Better at load than at each request: a value of another type would end the guest as soon as it touches it. */
function checked(found: PlannedExport | undefined, name: string, { type }: Wanted): LiftedFunction {
  if (found?.kind !== 'func') {
    const message = found
      ? `The component exports "${name}", which is no function of its own`
      : `The component exports no "${name}", which its interface has`;
    throw new MayflyError('guest-handler-type', message, { hint: `The interface has ${shorten(type)}` });
  }
  const { func } = found;
  const has = printFuncType(func.type);
  if (has === type || (has === START_TYPE && isStart(func))) return func;
  throw new MayflyError('guest-handler-type', `The component exports "${name}" as ${shorten(has)}`, {
    hint: `The interface has ${shorten(type)}${has.includes('<guest ') ? '; "guest" marks resources that the component defines itself' : ''}`,
  });
}

/** Of a core module: it gives no result. */
function isStart({ core }: LiftedFunction): boolean {
  return core.kind === 'export' && core.name === '_start';
}

function shorten(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

function exportsOf(plan: Plan): string {
  const names = [...plan.exports.keys()];
  return names.length > 0 ? `It exports: ${names.join(', ')}` : 'It exports nothing';
}

function noHandler(plan: Plan): MayflyError {
  return new MayflyError(
    'guest-no-handler',
    'The component exports neither wasi:http/handler@0.3, wasi:http/incoming-handler@0.2 nor fermyon:spin/inbound-http',
    {
      hint: exportsOf(plan),
    },
  );
}

function noCommand(plan: Plan): MayflyError {
  const message = 'The component exports no wasi:cli/run, which a trigger with the executor "wagi" calls';
  return new MayflyError('guest-no-handler', message, { hint: `Remove 'executor'. ${exportsOf(plan)}` });
}
