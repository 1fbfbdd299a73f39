// What guests do with pollables and streams, whatever the version of wasi:io: plain functions whose first parameter is
// the owner of the guest's objects, as host functions get it. streams.ts says what a stream is.
import { type Err, err, type Ok, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import type { ObjectOwner } from './host-object.ts';
import { firstReady, readyIndices, streamPollable } from './pollables.ts';
import { type GuestInputStream, type GuestOutputStream, GuestPollable } from './resources.ts';
import { StreamFailure } from './streams.ts';

type StreamError = { readonly tag: 'last-operation-failed'; readonly val: StreamFailure } | { readonly tag: 'closed' };
export type StreamResult<T> = Result<T, StreamError>;
type Later<T> = StreamResult<T> | Promise<StreamResult<T>>;
type Owner = ObjectOwner;
type Input = GuestInputStream;
type Output = GuestOutputStream;

/** The most bytes that one read gives, whatever the guest asks for. */
const MAX_READ = 1_048_576;
/**
 * The most bytes of a blocking write, from the WIT documents of blocking-write-and-flush and
 * blocking-write-zeroes-and-flush.
 */
const MAX_BLOCKING_WRITE = 4096;

const closed: Err<StreamError> = err({ tag: 'closed' });
const done: Ok<undefined> = ok();

export function toDebugString(_owner: Owner, self: StreamFailure): string {
  return self.message;
}

export function isReady(_owner: Owner, self: GuestPollable): boolean {
  return self.wait.ready();
}

export function block(_owner: Owner, self: GuestPollable): Promise<void> | undefined {
  return self.wait.ready() ? undefined : firstReady([self.wait]).then(() => undefined);
}

/** Gives the indices of the pollables that are ready, as soon as one is. */
export function poll(_owner: Owner, pollables: readonly GuestPollable[]): Uint32Array | Promise<Uint32Array> {
  if (pollables.length === 0) throw new Trap('empty poll list');
  const waits = pollables.map((pollable) => pollable.wait);
  const ready = readyIndices(waits);
  return ready.length > 0 ? Uint32Array.from(ready) : firstReady(waits).then((indices) => Uint32Array.from(indices));
}

export function subscribe(owner: Owner, self: Input | Output): GuestPollable {
  return new GuestPollable(owner, streamPollable({ ready: () => readyFor(self) }), self);
}

export function read(_owner: Owner, self: Input, length: bigint): StreamResult<Uint8Array> {
  return readUpTo(self, clampRead(length));
}

/**
 * Reads when there is something. A read of 0 bytes waits until the stream is ready, then says whether it is still open.
 */
export function blockingRead(_owner: Owner, self: Input, length: bigint): Later<Uint8Array> {
  const max = clampRead(length);
  if (readyFor(self) !== undefined) return blockingReadLater(self, max);
  const result = readUpTo(self, max);
  return max > 0 && isEmpty(result) ? blockingReadLater(self, max) : result;
}

/** Called when the guest has its copy of what it read. */
export function releaseRead(result: StreamResult<Uint8Array>, { stream }: Input): void {
  if (result.tag === 'ok') stream.release?.(result.val);
}

export function skip(owner: Owner, self: Input, length: bigint): StreamResult<bigint> {
  return sizeOf(read(owner, self, length));
}

export function blockingSkip(owner: Owner, self: Input, length: bigint): Later<bigint> {
  const result = blockingRead(owner, self, length);
  return result instanceof Promise ? result.then(sizeOf) : sizeOf(result);
}

export function checkWrite(_owner: Owner, self: Output): StreamResult<bigint> {
  const size = allowance(self);
  if (size.tag === 'err') return size;
  self.permit = size.val;
  return ok(BigInt(size.val));
}

export function write(_owner: Owner, self: Output, contents: Uint8Array): StreamResult<undefined> {
  return writePermitted(self, contents.length, contents);
}

export function writeZeroes(_owner: Owner, self: Output, length: bigint): StreamResult<undefined> {
  return writePermitted(self, length, undefined);
}

export function blockingWriteAndFlush(_owner: Owner, self: Output, contents: Uint8Array): Later<undefined> {
  return blockingWrite(self, contents.length, contents);
}

export function blockingWriteZeroesAndFlush(_owner: Owner, self: Output, length: bigint): Later<undefined> {
  return blockingWrite(self, length, undefined);
}

export function flush(_owner: Owner, self: Output): StreamResult<undefined> {
  return flushNow(self);
}

export function blockingFlush(_owner: Owner, self: Output): Later<undefined> {
  return flushAll(self);
}

/** Does check-write, read and write, in this order, as the WIT document defines it. */
export function splice(_owner: Owner, self: Output, source: Input, length: bigint): StreamResult<bigint> {
  const size = allowance(self);
  if (size.tag === 'err') return size;
  const chunk = readUpTo(source, Math.min(size.val, clampRead(length)));
  if (chunk.tag === 'err') return chunk;
  self.permit = 0;
  const written = put(self, chunk.val);
  return written.tag === 'err' ? written : ok(BigInt(chunk.val.length));
}

export function blockingSplice(owner: Owner, self: Output, source: Input, length: bigint): Later<bigint> {
  const wait = readyFor(self) ?? readyFor(source);
  return wait === undefined ? splice(owner, self, source, length) : blockingSpliceLater(owner, self, source, length);
}

/** A promise of the next operation's turn; undefined when that need not wait. */
function readyFor(self: Input | Output): Promise<void> | undefined {
  return self.ended ? undefined : self.stream.ready();
}

function clampRead(length: bigint): number {
  return length > MAX_READ ? MAX_READ : Number(length);
}

/** Closes the stream; the failure is told once. Anything but a StreamFailure is a defect of the host. */
function fail(self: Input | Output, error: unknown): Err<StreamError> {
  self.ended = true;
  if (!(error instanceof StreamFailure)) throw error;
  return err({ tag: 'last-operation-failed', val: error });
}

function end(self: Input | Output): Err<StreamError> {
  self.ended = true;
  return closed;
}

function readUpTo(self: Input, max: number): StreamResult<Uint8Array> {
  if (self.ended) return closed;
  try {
    const bytes = self.stream.read(max);
    return bytes === undefined ? end(self) : ok(bytes);
  } catch (error) {
    return fail(self, error);
  }
}

async function blockingReadLater(self: Input, max: number): Promise<StreamResult<Uint8Array>> {
  for (;;) {
    await readyFor(self);
    const result = readUpTo(self, max);
    if (max === 0 || !isEmpty(result)) return result;
  }
}

function isEmpty(result: StreamResult<Uint8Array>): boolean {
  return result.tag === 'ok' && result.val.length === 0;
}

function sizeOf(result: StreamResult<Uint8Array>): StreamResult<bigint> {
  return result.tag === 'ok' ? ok(BigInt(result.val.length)) : result;
}

/** The number of bytes that may be written now, or why none may be any more. */
function allowance(self: Output): StreamResult<number> {
  if (self.ended) return closed;
  try {
    const size = self.stream.checkWrite();
    return size === undefined ? end(self) : ok(size);
  } catch (error) {
    return fail(self, error);
  }
}

/**
 * Writes within what was allowed. `contents` is absent for zeroes, which are made only when the length is within the
 * permit, so that they are limited.
 */
function writePermitted(
  self: Output,
  length: number | bigint,
  contents: Uint8Array | undefined,
): StreamResult<undefined> {
  const size = allowance(self);
  if (size.tag === 'err') return size;
  if (length > self.permit)
    throw new Trap(`write of ${length} bytes exceeds the ${self.permit} that check-write allowed${inWords(contents)}`);
  self.permit -= Number(length);
  return put(self, contents ?? new Uint8Array(Number(length)));
}

/** Most bytes of a write that a trap shows. */
const MOST_SHOWN = 200;

/** What was written, where it is short text: engines that give up say so in a write for which they did not ask. */
function inWords(contents: Uint8Array | undefined): string {
  if (!contents || contents.length === 0 || contents.length > MOST_SHOWN) return '';
  const text = new TextDecoder().decode(contents).trim();
  return /^[\x20-\x7e\s]+$/.test(text) ? `: ${JSON.stringify(text)}` : '';
}

function put(self: Output, bytes: Uint8Array): StreamResult<undefined> {
  try {
    self.stream.write(bytes);
    return done;
  } catch (error) {
    return fail(self, error);
  }
}

function flushNow(self: Output): StreamResult<undefined> {
  const size = allowance(self);
  if (size.tag === 'err') return size;
  self.permit = 0;
  try {
    self.stream.flush();
    return done;
  } catch (error) {
    return fail(self, error);
  }
}

function flushAll(self: Output): Later<undefined> {
  const flushed = flushNow(self);
  const wait = flushed.tag === 'ok' ? readyFor(self) : undefined;
  return wait === undefined ? flushed : wait.then(() => outcome(self));
}

/** Whether what was written has arrived, after a wait. A stream that the last write closed is a success. */
function outcome(self: Output): StreamResult<undefined> {
  const size = allowance(self);
  return size.tag === 'err' && size.val.tag === 'last-operation-failed' ? size : done;
}

/** Writes and waits. `contents` is absent for zeroes. */
function blockingWrite(self: Output, length: number | bigint, contents: Uint8Array | undefined): Later<undefined> {
  if (length > MAX_BLOCKING_WRITE)
    throw new Trap(`blocking write of ${length} bytes, at most ${MAX_BLOCKING_WRITE} allowed`);
  const bytes = contents ?? new Uint8Array(Number(length));
  self.permit = 0;
  const size = allowance(self);
  if (size.tag === 'err') return size;
  if (size.val < bytes.length || readyFor(self) !== undefined) return blockingWriteLater(self, bytes);
  const written = put(self, bytes);
  return written.tag === 'err' ? written : flushAll(self);
}

async function blockingWriteLater(self: Output, bytes: Uint8Array): Promise<StreamResult<undefined>> {
  let rest = bytes;
  while (rest.length > 0) {
    await readyFor(self);
    const size = allowance(self);
    if (size.tag === 'err') return size;
    const written = put(self, rest.subarray(0, size.val));
    if (written.tag === 'err') return written;
    rest = rest.subarray(size.val);
  }
  return flushAll(self);
}

async function blockingSpliceLater(
  owner: Owner,
  self: Output,
  source: Input,
  length: bigint,
): Promise<StreamResult<bigint>> {
  for (let wait = readyFor(self); wait !== undefined; wait = readyFor(self)) await wait;
  for (let wait = readyFor(source); wait !== undefined; wait = readyFor(source)) await wait;
  return splice(owner, self, source, length);
}
