// Calls a handler that takes an event as values and returns a result: a message, a tick. Nobody is answered, so what goes
// wrong stands in the log.
import { MayflyError, messageOf } from '../errors.ts';
import { callFunction } from '../invocation/call-function.ts';
import type { Entry } from '../invocation/exchange.ts';
import { isErr, okOf } from '../invocation/result.ts';
import { logEvent } from '../telemetry/events.ts';
import type { Logger } from '../telemetry/log.ts';
import { type Usage, usageFields, usageText } from '../telemetry/usage.ts';
import { isProgram, type ProgramEvent, programParams } from './program-events.ts';
import type { LoadedTarget } from './trigger.ts';

export interface HandlerEvent {
  /** The type of the trigger. */
  readonly trigger: string;
  /** What the event is, for people: the channel or topic of a message, or the expression of a tick. */
  readonly name: string;
  readonly params: readonly unknown[];
  /** The same for a program. */
  readonly forProgram: ProgramEvent;
}

export interface HandlerOptions {
  /** Whether the log shows what the event used. */
  readonly summary?: boolean | undefined;
  /** Aborted when the event is given up: its guest is then ended where it waits. */
  readonly signal?: AbortSignal | undefined;
}

/** What a handler gives when it does what it should: the `ok` of its result. */
export interface Handled {
  readonly val: unknown;
}

/** Calls the handler. Resolves when its guest has ended, to nothing when it failed; never rejects. */
export async function callHandler(
  { guest, entry, log }: LoadedTarget<Entry>,
  event: HandlerEvent,
  { summary, signal }: HandlerOptions = {},
): Promise<Handled | undefined> {
  const onEnd = summary ? (usage: Usage) => logUsage(log, event, usage) : undefined;
  try {
    const params = isProgram(entry) ? programParams(event.trigger, event.forProgram) : event.params;
    const result = await callFunction(guest, entry, params, { signal, onEnd });
    if (!isErr(result)) return { val: okOf(result) };
    throw new MayflyError('guest-error', `The handler returned an error${inWords(result.val)}`);
  } catch (error) {
    const { trigger, name } = event;
    logEvent(log, 'event-failed', { trigger, name, err: error }, `${trigger} ${name}: ${messageOf(error)}`);
    return undefined;
  }
}

/** Most characters of a guest's error that are shown. */
const MOST_SHOWN = 1000;

/** Writes the text of a handler's error; nothing for one that says no more than that it is one. */
function inWords(error: unknown): string {
  const val = typeof error === 'string' ? error : (Object(error) as { val?: unknown }).val;
  return typeof val === 'string' && val !== '' ? `: ${val.slice(0, MOST_SHOWN)}` : '';
}

function logUsage(log: Logger, { trigger, name }: HandlerEvent, usage: Usage): void {
  logEvent(log, 'event-used', { trigger, name, ...usageFields(usage) }, `${trigger} ${name}: ${usageText(usage)}`);
}
