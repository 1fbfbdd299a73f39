// wasi:io@0.2: error, poll and streams, to the letter of their WIT documents. What a stream is stands in streams.ts.
import { type Err, err, type Ok, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { defineInterface, lending, resource, suspending } from '../../service.ts';
import type { HostObject, ObjectOwner } from './host-object.ts';
import { firstReady, readyIndices, streamPollable } from './pollables.ts';
import { type GuestInputStream, type GuestOutputStream, GuestPollable } from './resources.ts';
import { StreamFailure } from './streams.ts';

type StreamError = { readonly tag: 'last-operation-failed'; readonly val: StreamFailure } | { readonly tag: 'closed' };
type StreamResult<T> = Result<T, StreamError>;
type Owner = ObjectOwner;
type Input = GuestInputStream;
type Output = GuestOutputStream;

/** In bytes. The most that one read gives, whatever the guest asks for. */
const MAX_READ = 1_048_576;
/** In bytes, from the WIT documents of blocking-write-and-flush and blocking-write-zeroes-and-flush. */
const MAX_BLOCKING_WRITE = 4096;

const closed: Err<StreamError> = err({ tag: 'closed' });
const done: Ok<undefined> = ok();

const drop = (_owner: Owner, object: HostObject): void => object.drop();

export const errorResource = resource('error');
export const pollableResource = resource('pollable', drop);
export const inputStreamResource = resource('input-stream', drop);
export const outputStreamResource = resource('output-stream', drop);

const errorInterface = defineInterface<Owner>('wasi', 'wasi:io/error', '0.2.12', {
  resources: [errorResource],
  functions: {
    '[method]error.to-debug-string': (_owner, self: StreamFailure) => self.message,
  },
});

const pollInterface = defineInterface<Owner>('wasi', 'wasi:io/poll', '0.2.12', {
  resources: [pollableResource],
  functions: {
    '[method]pollable.ready': (_owner, self: GuestPollable) => self.wait.ready(),
    '[method]pollable.block': suspending((_owner: Owner, self: GuestPollable) =>
      self.wait.ready() ? undefined : firstReady([self.wait]).then(() => undefined),
    ),
    poll: suspending((_owner: Owner, pollables: readonly GuestPollable[]) => poll(pollables)),
  },
});

const streamsInterface = defineInterface<Owner>('wasi', 'wasi:io/streams', '0.2.12', {
  resources: [inputStreamResource, outputStreamResource],
  functions: {
    '[method]input-stream.read': lending(
      (_owner: Owner, self: Input, length: bigint) => read(self, clampRead(length)),
      release,
    ),
    '[method]input-stream.blocking-read': lending(
      suspending((_owner: Owner, self: Input, length: bigint) => blockingRead(self, clampRead(length))),
      release,
    ),
    '[method]input-stream.skip': (_owner, self: Input, length: bigint) => sizeOf(read(self, clampRead(length))),
    '[method]input-stream.blocking-skip': suspending((_owner: Owner, self: Input, length: bigint) => {
      const result = blockingRead(self, clampRead(length));
      return result instanceof Promise ? result.then(sizeOf) : sizeOf(result);
    }),
    '[method]input-stream.subscribe': subscribe,
    '[method]output-stream.check-write': (_owner, self: Output) => checkWrite(self),
    '[method]output-stream.write': (_owner, self: Output, contents: Uint8Array) =>
      write(self, contents.length, () => contents),
    '[method]output-stream.write-zeroes': (_owner, self: Output, length: bigint) =>
      write(self, length, () => new Uint8Array(Number(length))),
    '[method]output-stream.blocking-write-and-flush': suspending((_owner: Owner, self: Output, contents: Uint8Array) =>
      blockingWrite(self, contents.length, contents),
    ),
    '[method]output-stream.blocking-write-zeroes-and-flush': suspending((_owner: Owner, self: Output, length: bigint) =>
      blockingWrite(self, length, undefined),
    ),
    '[method]output-stream.flush': (_owner, self: Output) => flush(self),
    '[method]output-stream.blocking-flush': suspending((_owner: Owner, self: Output) => blockingFlush(self)),
    '[method]output-stream.subscribe': subscribe,
    '[method]output-stream.splice': (_owner, self: Output, source: Input, length: bigint) =>
      splice(self, source, length),
    '[method]output-stream.blocking-splice': suspending(
      (_owner: Owner, self: Output, source: Input, length: bigint) => {
        const wait = readyFor(self) ?? readyFor(source);
        return wait === undefined ? splice(self, source, length) : blockingSplice(self, source, length);
      },
    ),
  },
});

export const ioInterfaces = [errorInterface, pollInterface, streamsInterface];

function poll(pollables: readonly GuestPollable[]): Uint32Array | Promise<Uint32Array> {
  if (pollables.length === 0) throw new Trap('empty poll list');
  const waits = pollables.map((pollable) => pollable.wait);
  const ready = readyIndices(waits);
  return ready.length > 0 ? Uint32Array.from(ready) : firstReady(waits).then((indices) => Uint32Array.from(indices));
}

function subscribe(owner: Owner, self: Input | Output): GuestPollable {
  return new GuestPollable(owner, streamPollable({ ready: () => readyFor(self) }), self);
}

/** undefined when the next operation need not wait. */
function readyFor(self: Input | Output): Promise<void> | undefined {
  return self.ended ? undefined : self.stream.ready();
}

function clampRead(length: bigint): number {
  return length > MAX_READ ? MAX_READ : Number(length);
}

/** The stream is closed from here on; the failure is told once. Anything but a StreamFailure is a defect of the host. */
function fail(self: Input | Output, error: unknown): Err<StreamError> {
  self.ended = true;
  if (!(error instanceof StreamFailure)) throw error;
  return err({ tag: 'last-operation-failed', val: error });
}

function end(self: Input | Output): Err<StreamError> {
  self.ended = true;
  return closed;
}

/** The guest has its copy of what it read. */
function release(result: StreamResult<Uint8Array>, { stream }: Input): void {
  if (result.tag === 'ok') stream.release?.(result.val);
}

function read(self: Input, max: number): StreamResult<Uint8Array> {
  if (self.ended) return closed;
  try {
    const bytes = self.stream.read(max);
    return bytes === undefined ? end(self) : ok(bytes);
  } catch (error) {
    return fail(self, error);
  }
}

/** Of 0 bytes: waits until the stream is ready, then says whether it is still open. */
function blockingRead(self: Input, max: number): StreamResult<Uint8Array> | Promise<StreamResult<Uint8Array>> {
  if (readyFor(self) !== undefined) return blockingReadLater(self, max);
  const result = read(self, max);
  return max > 0 && isEmpty(result) ? blockingReadLater(self, max) : result;
}

async function blockingReadLater(self: Input, max: number): Promise<StreamResult<Uint8Array>> {
  for (;;) {
    await readyFor(self);
    const result = read(self, max);
    if (max === 0 || !isEmpty(result)) return result;
  }
}

function isEmpty(result: StreamResult<Uint8Array>): boolean {
  return result.tag === 'ok' && result.val.length === 0;
}

function sizeOf(result: StreamResult<Uint8Array>): StreamResult<bigint> {
  return result.tag === 'ok' ? ok(BigInt(result.val.length)) : result;
}

/** Number of bytes that may be written now, or why not any more. */
function allowance(self: Output): StreamResult<number> {
  if (self.ended) return closed;
  try {
    const size = self.stream.checkWrite();
    return size === undefined ? end(self) : ok(size);
  } catch (error) {
    return fail(self, error);
  }
}

function checkWrite(self: Output): StreamResult<bigint> {
  const size = allowance(self);
  if (size.tag === 'err') return size;
  self.permit = size.val;
  return ok(BigInt(size.val));
}

/** `bytes` is called only when the length is within the permit: that is what bounds write-zeroes. */
function write(self: Output, length: number | bigint, bytes: () => Uint8Array): StreamResult<undefined> {
  const size = allowance(self);
  if (size.tag === 'err') return size;
  if (length > self.permit)
    throw new Trap(`write of ${length} bytes exceeds the ${self.permit} that check-write allowed`);
  self.permit -= Number(length);
  return put(self, bytes());
}

function put(self: Output, bytes: Uint8Array): StreamResult<undefined> {
  try {
    self.stream.write(bytes);
    return done;
  } catch (error) {
    return fail(self, error);
  }
}

function flush(self: Output): StreamResult<undefined> {
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

function blockingFlush(self: Output): StreamResult<undefined> | Promise<StreamResult<undefined>> {
  const flushed = flush(self);
  const wait = flushed.tag === 'ok' ? readyFor(self) : undefined;
  return wait === undefined ? flushed : wait.then(() => outcome(self));
}

/** After a wait: whether what was written arrived. A stream that the last write closed is a success. */
function outcome(self: Output): StreamResult<undefined> {
  const size = allowance(self);
  return size.tag === 'err' && size.val.tag === 'last-operation-failed' ? size : done;
}

/** `contents` is absent for zeroes. */
function blockingWrite(
  self: Output,
  length: number | bigint,
  contents: Uint8Array | undefined,
): StreamResult<undefined> | Promise<StreamResult<undefined>> {
  if (length > MAX_BLOCKING_WRITE)
    throw new Trap(`blocking write of ${length} bytes, at most ${MAX_BLOCKING_WRITE} allowed`);
  const bytes = contents ?? new Uint8Array(Number(length));
  self.permit = 0;
  const size = allowance(self);
  if (size.tag === 'err') return size;
  if (size.val < bytes.length || readyFor(self) !== undefined) return blockingWriteLater(self, bytes);
  const written = put(self, bytes);
  return written.tag === 'err' ? written : blockingFlush(self);
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
  return blockingFlush(self);
}

/** check-write, read, write, in this order, as the WIT document defines it. */
function splice(self: Output, source: Input, length: bigint): StreamResult<bigint> {
  const size = allowance(self);
  if (size.tag === 'err') return size;
  const chunk = read(source, Math.min(size.val, clampRead(length)));
  if (chunk.tag === 'err') return chunk;
  self.permit = 0;
  const written = put(self, chunk.val);
  return written.tag === 'err' ? written : ok(BigInt(chunk.val.length));
}

async function blockingSplice(self: Output, source: Input, length: bigint): Promise<StreamResult<bigint>> {
  for (let wait = readyFor(self); wait !== undefined; wait = readyFor(self)) await wait;
  for (let wait = readyFor(source); wait !== undefined; wait = readyFor(source)) await wait;
  return splice(self, source, length);
}
