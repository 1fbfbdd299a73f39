// wasi:filesystem@0.3: the operations of 0.2, with streams that come from and go to the guest, and two variants where 0.2
// has enums.
import { ProducedStream, type StreamReader, type StreamWriter } from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { defineInterface, resource, suspending } from '../../service.ts';
import { emptyStream, fromGuest, toGuest } from '../io/byte-streams-0.3.ts';
import type { GuestInputStream, GuestOutputStream } from '../io/resources.ts';
import { filesystemInterfaces } from './bindings-0.2.ts';
import type { Descriptor, DirectoryEntry, DirectoryEntryStream, FilesystemOwner } from './descriptor.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import { FileStreamFailure } from './file-streams.ts';
import type { DescriptorStat, DescriptorType } from './metadata.ts';

type Owner = FilesystemOwner;
interface Variant {
  readonly tag: string;
  readonly val?: string | undefined;
}
type Done = Result<undefined, Variant>;
type Entry = { readonly type: Variant; readonly name: string };

/** In entries: what a directory's stream gives at once. */
const BATCH = 64;

function codeIn03(code: ErrorCode): Variant {
  return code === 'would-block' ? { tag: 'other', val: code } : { tag: code };
}

function typeIn03(type: DescriptorType): Variant {
  return type === 'unknown' ? { tag: 'other', val: undefined } : { tag: type };
}

const [types02, preopens02] = filesystemInterfaces;
type Call = (owner: Owner, ...args: unknown[]) => unknown;
const operation = (name: string): Call => types02?.functions[`[method]descriptor.${name}`]?.call as unknown as Call;

/** An operation of 0.2 with its error in the form of 0.3. */
async function convert(result: unknown, change: (value: never) => unknown): Promise<unknown> {
  const { tag, val } = (await result) as Result<never, ErrorCode>;
  return tag === 'ok' ? ok(change(val as never)) : err(codeIn03(val));
}

function same(name: string, change: (value: never) => unknown = (value) => value) {
  const call = operation(name);
  return suspending((owner: Owner, ...args: never[]) => convert(call(owner, ...args), change));
}

const stat = (value: DescriptorStat) => ({ ...value, type: typeIn03(value.type) });

function codeOfFailure(error: unknown): Variant {
  if (error === closed) return { tag: 'pipe' };
  return codeIn03(error instanceof FileStreamFailure ? error.code : errorCodeOf(error));
}
const closed = Symbol('closed');

type Opened<T> = Result<T, ErrorCode>;

/** What systems take for an offset has 63 bits. */
const MAX_OFFSET = 2n ** 63n - 1n;

function openAtOffset<T>(name: string, owner: Owner, self: Descriptor, offset: bigint): Opened<T> {
  if (offset > MAX_OFFSET) return err('invalid');
  return operation(name)(owner, self, offset) as Opened<T>;
}

function readViaStream(owner: Owner, self: Descriptor, offset: bigint): [ProducedStream<number>, Promise<Done>] {
  const opened = openAtOffset<GuestInputStream>('read-via-stream', owner, self, offset);
  if (opened.tag === 'err') return [emptyStream(), Promise.resolve(err(codeIn03(opened.val)))];
  const { stream, ended } = toGuest(opened.val.stream, owner.hostBytes);
  const done = ended.then((failure): Done => {
    opened.val.release();
    return failure === undefined ? ok() : err(codeOfFailure(failure));
  });
  return [stream, done];
}

async function write(opened: Opened<GuestOutputStream>, data: StreamReader<number>): Promise<Done> {
  if (opened.tag === 'err') {
    data.close();
    return err(codeIn03(opened.val));
  }
  try {
    await fromGuest(data, opened.val.stream, closed);
    return ok();
  } catch (error) {
    // Without a guest there is nobody to tell.
    return opened.val.released ? err({ tag: 'io' }) : err(codeOfFailure(error));
  } finally {
    opened.val.release();
  }
}

function readDirectory(owner: Owner, self: Descriptor): [ProducedStream<Entry>, Promise<Done>] {
  const opened = operation('read-directory')(owner, self) as Opened<DirectoryEntryStream>;
  if (opened.tag === 'err') return [emptyStream(), Promise.resolve(err(codeIn03(opened.val)))];
  const ended = Promise.withResolvers<Done>();
  const stream = new ProducedStream<Entry>((writer) => void list(opened.val, writer).then(ended.resolve));
  return [stream, ended.promise];
}

async function list(entries: DirectoryEntryStream, writer: StreamWriter<Entry>): Promise<Done> {
  try {
    while (!writer.dropped && !entries.released) {
      const batch = nextEntries(entries);
      if (batch.length === 0) break;
      await writer.write(batch);
    }
    return ok();
  } catch (error) {
    return err(codeOfFailure(error));
  } finally {
    entries.release();
    writer.close();
  }
}

function nextEntries(entries: DirectoryEntryStream): Entry[] {
  const batch: Entry[] = [];
  while (batch.length < BATCH) {
    const entry: DirectoryEntry | undefined = entries.next();
    if (entry === undefined) break;
    batch.push({ name: entry.name, type: typeIn03(entry.type) });
  }
  return batch;
}

const isSameObject = operation('is-same-object');

const types = defineInterface<Owner>('wasi', 'wasi:filesystem/types', '0.3.0', {
  resources: [resource('descriptor', (_owner: Owner, self: Descriptor) => self.drop())],
  functions: {
    '[method]descriptor.read-via-stream': readViaStream,
    '[method]descriptor.write-via-stream': (owner, self: Descriptor, data: StreamReader<number>, offset: bigint) =>
      write(openAtOffset('write-via-stream', owner, self, offset), data),
    '[method]descriptor.append-via-stream': (owner, self: Descriptor, data: StreamReader<number>) =>
      write(operation('append-via-stream')(owner, self) as Opened<GuestOutputStream>, data),
    '[method]descriptor.read-directory': readDirectory,
    '[method]descriptor.advise': same('advise'),
    '[method]descriptor.sync-data': same('sync-data'),
    '[method]descriptor.sync': same('sync'),
    '[method]descriptor.get-flags': same('get-flags'),
    '[method]descriptor.get-type': same('get-type', typeIn03),
    '[method]descriptor.set-size': same('set-size'),
    '[method]descriptor.set-times': same('set-times'),
    '[method]descriptor.create-directory-at': same('create-directory-at'),
    '[method]descriptor.stat': same('stat', stat),
    '[method]descriptor.stat-at': same('stat-at', stat),
    '[method]descriptor.set-times-at': same('set-times-at'),
    '[method]descriptor.link-at': same('link-at'),
    '[method]descriptor.open-at': same('open-at'),
    '[method]descriptor.readlink-at': same('readlink-at'),
    '[method]descriptor.remove-directory-at': same('remove-directory-at'),
    '[method]descriptor.rename-at': same('rename-at'),
    '[method]descriptor.symlink-at': same('symlink-at'),
    '[method]descriptor.unlink-file-at': same('unlink-file-at'),
    '[method]descriptor.is-same-object': suspending(async (owner: Owner, self: Descriptor, other: Descriptor) =>
      isSameObject(owner, self, other),
    ),
    '[method]descriptor.metadata-hash': same('metadata-hash'),
    '[method]descriptor.metadata-hash-at': same('metadata-hash-at'),
  },
});

const preopens = { ...preopens02!, version: '0.3.0' };

export const filesystemInterfaces03 = [types, preopens];
