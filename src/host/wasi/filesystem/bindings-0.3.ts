// wasi:filesystem@0.3: types and preopens, with streams that come from and go to the guest, and two variants where 0.2
// has enums. operations.ts has what the functions do.
import { ProducedStream, type StreamReader, type StreamWriter } from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { defineInterface, resource, suspending } from '../../service.ts';
import { emptyStream, fromGuest, toGuest } from '../io/byte-streams-0.3.ts';
import type { GuestOutputStream } from '../io/resources.ts';
import type { Descriptor, DirectoryEntry, DirectoryEntryStream, FilesystemOwner } from './descriptor.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import { FileStreamFailure } from './file-streams.ts';
import type { DescriptorStat, DescriptorType } from './metadata.ts';
import * as files from './operations.ts';

type Owner = FilesystemOwner;
interface Variant {
  readonly tag: string;
  readonly val?: string | undefined;
}
type Done = Result<undefined, Variant>;
type Entry = { readonly type: Variant; readonly name: string };

/** Entries that a directory's stream gives at once. */
const BATCH = 64;

function codeIn03(code: ErrorCode): Variant {
  return code === 'would-block' ? { tag: 'other', val: code } : { tag: code };
}

function typeIn03(type: DescriptorType): Variant {
  return type === 'unknown' ? { tag: 'other', val: undefined } : { tag: type };
}

/** Adapts an operation to the form of 0.3, with its error and its result. */
function adapt<Args extends never[], T>(
  operation: (owner: Owner, ...args: Args) => Result<T, ErrorCode> | Promise<Result<T, ErrorCode>>,
  change: (value: T) => unknown = (value) => value,
) {
  return suspending(async (owner: Owner, ...args: Args) => {
    const result = await operation(owner, ...args);
    return result.tag === 'ok' ? ok(change(result.val)) : err(codeIn03(result.val));
  });
}

const stat = (value: DescriptorStat) => ({ ...value, type: typeIn03(value.type) });

function codeOfFailure(error: unknown): Variant {
  if (error === closed) return { tag: 'pipe' };
  return codeIn03(error instanceof FileStreamFailure ? error.code : errorCodeOf(error));
}
const closed = Symbol('closed');

type Opened<T> = Result<T, ErrorCode>;

/** The largest offset: systems take 63 bits. */
const MAX_OFFSET = 2n ** 63n - 1n;

function startAt<T>(
  operation: (owner: Owner, self: Descriptor, offset: bigint) => Opened<T>,
  owner: Owner,
  self: Descriptor,
  offset: bigint,
): Opened<T> {
  return offset > MAX_OFFSET ? err('invalid') : operation(owner, self, offset);
}

function readViaStream(owner: Owner, self: Descriptor, offset: bigint): [ProducedStream<number>, Promise<Done>] {
  const opened = startAt(files.readViaStream, owner, self, offset);
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
    // When the guest is gone, there is nobody to tell.
    return opened.val.released ? err({ tag: 'io' }) : err(codeOfFailure(error));
  } finally {
    opened.val.release();
  }
}

function readDirectory(owner: Owner, self: Descriptor): [ProducedStream<Entry>, Promise<Done>] {
  const opened = files.readDirectory(owner, self);
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

const types = defineInterface<Owner>('wasi', 'wasi:filesystem/types', '0.3.0', {
  resources: [resource('descriptor', (_owner: Owner, self: Descriptor) => self.drop())],
  functions: {
    '[method]descriptor.read-via-stream': readViaStream,
    '[method]descriptor.write-via-stream': (owner, self: Descriptor, data: StreamReader<number>, offset: bigint) =>
      write(startAt(files.writeViaStream, owner, self, offset), data),
    '[method]descriptor.append-via-stream': (owner, self: Descriptor, data: StreamReader<number>) =>
      write(files.appendViaStream(owner, self), data),
    '[method]descriptor.read-directory': readDirectory,
    '[method]descriptor.advise': adapt(files.advise),
    '[method]descriptor.sync-data': adapt(files.syncData),
    '[method]descriptor.sync': adapt(files.sync),
    '[method]descriptor.get-flags': adapt(files.getFlags),
    '[method]descriptor.get-type': adapt(files.getType, typeIn03),
    '[method]descriptor.set-size': adapt(files.setSize),
    '[method]descriptor.set-times': adapt(files.setTimes),
    '[method]descriptor.create-directory-at': adapt(files.createDirectoryAt),
    '[method]descriptor.stat': adapt(files.stat, stat),
    '[method]descriptor.stat-at': adapt(files.statAt, stat),
    '[method]descriptor.set-times-at': adapt(files.setTimesAt),
    '[method]descriptor.link-at': adapt(files.linkAt),
    '[method]descriptor.open-at': adapt(files.openAt),
    '[method]descriptor.readlink-at': adapt(files.readlinkAt),
    '[method]descriptor.remove-directory-at': adapt(files.removeDirectoryAt),
    '[method]descriptor.rename-at': adapt(files.renameAt),
    '[method]descriptor.symlink-at': adapt(files.symlinkAt),
    '[method]descriptor.unlink-file-at': adapt(files.unlinkFileAt),
    '[method]descriptor.is-same-object': suspending(async (owner: Owner, self: Descriptor, other: Descriptor) =>
      files.isSameObject(owner, self, other),
    ),
    '[method]descriptor.metadata-hash': adapt(files.metadataHash),
    '[method]descriptor.metadata-hash-at': adapt(files.metadataHashAt),
  },
});

const preopens = defineInterface<Owner>('wasi', 'wasi:filesystem/preopens', '0.3.0', {
  functions: { 'get-directories': files.preopened },
});

export const filesystemInterfaces03 = [types, preopens];
