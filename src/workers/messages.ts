// What parent and worker say to each other over the IPC channel, as JSON. A listening socket travels beside 'listen'.
import { type ErrorCode, errorKinds, MayflyError, messageOf } from '../errors.ts';

export type ToWorker =
  | { readonly type: 'listen'; readonly host: string; readonly port: number }
  /** Says that all workers have listened once: the app is up. */
  | { readonly type: 'all-up' }
  /** `trouble` says why what the leading worker runs takes nothing now. */
  | { readonly type: 'ping'; readonly trouble?: string | undefined }
  /** Says that this worker runs what must run once. */
  | { readonly type: 'lead' }
  /** Asks what the worker has to tell; the answer has the same number. */
  | { readonly type: 'ask'; readonly number: number }
  | { readonly type: 'drain' };

export type ToParent =
  /** Says that the worker's code is loaded, and that it waits for the socket. */
  | { readonly type: 'loaded' }
  /** `silentMs` is how long a request may keep a healthy worker from answering, in milliseconds. */
  | { readonly type: 'ready'; readonly url: string; readonly silentMs?: number | undefined }
  | { readonly type: 'failed'; readonly error: WireError }
  /** The answers to 'lead'; the worker that cannot exits. */
  | { readonly type: 'leading' }
  | { readonly type: 'not-leading'; readonly error: WireError }
  /** Says that the worker, which drains, takes no more events: another one may lead. */
  | { readonly type: 'resigned' }
  /** The answer to 'ask': anything that JSON can write. */
  | { readonly type: 'told'; readonly number: number; readonly data: unknown }
  /** `trouble` says why what this worker runs takes nothing now. */
  | { readonly type: 'pong'; readonly trouble?: string | undefined };

/** A MayflyError as plain data. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly location?: MayflyError['location'];
  readonly problems: readonly WireError[];
}

export function toWire(error: unknown): WireError {
  if (!(error instanceof MayflyError)) return { code: 'worker-failed', message: messageOf(error), problems: [] };
  const { code, message, hint, location } = error;
  const problems = error.problems.map(toWire);
  return { code, message, ...(hint !== undefined && { hint }), ...(location !== undefined && { location }), problems };
}

export function fromWire({ code, message, hint, location, problems }: WireError): MayflyError {
  const known = code in errorKinds ? code : 'worker-failed';
  return new MayflyError(known, message, { hint, location, problems: problems.map(fromWire) });
}

/** Whether a message is one of ours: other libraries may use the channel, too, and theirs are ignored. */
export function isMessage(value: unknown): value is { readonly type: string } {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}
