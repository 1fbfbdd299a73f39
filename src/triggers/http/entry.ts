// Finds out which function of a component answers HTTP requests, and in which way, by what it exports.
import { MayflyError } from '../../errors.ts';
import {
  HANDLER_TYPE,
  INCOMING_HANDLER_TYPE,
  RUN_TYPE,
  RUN_TYPE_03,
  SCRIPT_HANDLER_TYPE,
} from '../../host/wasi/http/handler-types.ts';
import type { Entry } from '../../invocation/exchange.ts';
import type { Artifact } from '../../sandbox/artifact.ts';
import { describeExports, findWanted, type WantedExport } from '../find-entry.ts';
import { HANDLE_REQUEST_TYPE } from './inbound-http.ts';

/** How requests are handed to the function. A command gets them the way CGI programs do. */
export type HttpEntryKind = 'handler' | 'incoming-handler' | 'inbound-http' | 'command';

export interface HttpEntry extends Entry {
  readonly kind: HttpEntryKind;
}

function wanted<Kind extends HttpEntryKind>(
  kind: Kind,
  [interfaceName, name, type]: readonly [string, string, string],
  versions: readonly (string | undefined)[],
): WantedExport<Kind>[] {
  return versions.map((version) => ({ kind, interface: interfaceName, version, name, type }));
}

/**
 * The handlers in the order in which they are looked for. The candidates of 0.2 are what old Spin apps export. SDKs of
 * Spin 1.4 and 1.5 export inbound-http without a version; Spin's later packages of the name have the version 2.
 */
const handlers: readonly WantedExport<HttpEntryKind>[] = [
  ...wanted('handler', ['wasi:http/handler', 'handle', HANDLER_TYPE], ['0.3.0', '0.3.0-rc-2026-03-15']),
  ...wanted(
    'incoming-handler',
    ['wasi:http/incoming-handler', 'handle', INCOMING_HANDLER_TYPE],
    ['0.2.0', '0.2.0-rc-2023-11-10', '0.2.0-rc-2023-10-18'],
  ),
  ...wanted('incoming-handler', ['mayfly:script/http', 'handle', SCRIPT_HANDLER_TYPE], ['0.1.0']),
  ...wanted('inbound-http', ['fermyon:spin/inbound-http', 'handle-request', HANDLE_REQUEST_TYPE], [undefined, '2.0.0']),
];

const commands: readonly WantedExport<HttpEntryKind>[] = [
  ...wanted('command', ['wasi:cli/run', 'run', RUN_TYPE_03], ['0.3.0']),
  ...wanted('command', ['wasi:cli/run', 'run', RUN_TYPE], ['0.2.0']),
];

/**
 * Finds the function. Throws `guest-no-handler` and `guest-handler-type`. A component that could answer both ways is
 * called as a handler unless `asCommand` is set.
 */
export function findHttpEntry({ plan, isCommand }: Artifact, asCommand: boolean): HttpEntry {
  const found = findWanted(plan, asCommand ? commands : [...handlers, ...commands]);
  if (!found) throw asCommand ? noCommand(describeExports(plan)) : noHandler(describeExports(plan));
  return found.kind === 'command' ? { ...found, command: { reusableAfterExit: isCommand } } : found;
}

function noHandler(hint: string): MayflyError {
  const message =
    'The component exports neither wasi:http/handler@0.3, wasi:http/incoming-handler@0.2 nor fermyon:spin/inbound-http';
  return new MayflyError('guest-no-handler', message, { hint });
}

function noCommand(exports: string): MayflyError {
  const message = 'The component exports no wasi:cli/run, which a trigger with the executor "wagi" calls';
  return new MayflyError('guest-no-handler', message, { hint: `Remove 'executor'. ${exports}` });
}
