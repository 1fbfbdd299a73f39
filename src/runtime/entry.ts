// Which function of a component answers requests, and in which way: found out by what it exports.
import type { LockedApp } from '../app/locked-app.ts';
import { findExport } from '../component/link/find-export.ts';
import type { LiftedFunction, Plan } from '../component/link/plan.ts';
import { MayflyError } from '../errors.ts';
import type { Artifact } from '../sandbox/artifact.ts';
import type { CommandOptions } from '../triggers/http/guest.ts';
import { isInboundHttp } from '../triggers/http/inbound-http.ts';

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

/** Throws `guest-no-handler`. A component that could answer both ways is a handler unless `asCommand`. */
export function findEntry({ plan, isCommand }: Artifact, asCommand: boolean): Entry {
  const handler = findHandler(plan);
  if (handler && !asCommand) return handler;
  const run = findExport(plan, 'wasi:cli/run', '0.3.0', 'run') ?? findExport(plan, 'wasi:cli/run', '0.2.0', 'run');
  if (run) return { handle: run, command: { reusableAfterExit: isCommand } };
  throw asCommand ? noCommand(plan) : noHandler(plan);
}

/** The candidates of 0.2 are what old Spin apps export. */
const incomingHandlerVersions = ['0.2.0', '0.2.0-rc-2023-11-10', '0.2.0-rc-2023-10-18'];

function findHandler(plan: Plan): Entry | undefined {
  for (const version of ['0.3.0', '0.3.0-rc-2026-03-15']) {
    const handle = findExport(plan, 'wasi:http/handler', version, 'handle');
    if (handle) return { handle, returnsResponse: true };
  }
  for (const version of incomingHandlerVersions) {
    const handle = findExport(plan, 'wasi:http/incoming-handler', version, 'handle');
    if (handle) return { handle };
  }
  return findInboundHttp(plan);
}

/** SDKs of Spin 1.4 and 1.5 export it without a version; Spin's later packages of the name have the version 2. */
function findInboundHttp(plan: Plan): Entry | undefined {
  for (const version of [undefined, '2.0.0']) {
    const handle = findExport(plan, 'fermyon:spin/inbound-http', version, 'handle-request');
    if (!handle) continue;
    if (isInboundHttp(handle.type)) return { handle, inboundHttp: true };
    throw new MayflyError('guest-no-handler', 'The component exports fermyon:spin/inbound-http with another type', {
      hint: 'Build it with the WIT of Spin as it is',
    });
  }
  return undefined;
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
