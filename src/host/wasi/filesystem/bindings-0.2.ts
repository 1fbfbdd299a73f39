// wasi:filesystem@0.2: types and preopens. operations.ts has what the functions do.
import { defineInterface, resource, suspending } from '../../service.ts';
import type { HostObject } from '../io/host-object.ts';
import type { FilesystemOwner } from './descriptor.ts';
import * as files from './operations.ts';

const drop = (_owner: FilesystemOwner, object: HostObject): void => object.drop();

const types = defineInterface<FilesystemOwner>('wasi', 'wasi:filesystem/types', '0.2.12', {
  resources: [resource('descriptor', drop), resource('directory-entry-stream', drop)],
  functions: {
    '[method]descriptor.read-via-stream': files.readViaStream,
    '[method]descriptor.write-via-stream': files.writeViaStream,
    '[method]descriptor.append-via-stream': files.appendViaStream,
    '[method]descriptor.advise': files.advise,
    '[method]descriptor.sync-data': suspending(files.syncData),
    '[method]descriptor.sync': suspending(files.sync),
    '[method]descriptor.get-flags': files.getFlags,
    '[method]descriptor.get-type': files.getType,
    '[method]descriptor.set-size': files.setSize,
    '[method]descriptor.set-times': files.setTimes,
    '[method]descriptor.read': suspending(files.read),
    '[method]descriptor.write': suspending(files.write),
    '[method]descriptor.read-directory': files.readDirectory,
    '[method]descriptor.create-directory-at': files.createDirectoryAt,
    '[method]descriptor.stat': files.stat,
    '[method]descriptor.stat-at': files.statAt,
    '[method]descriptor.set-times-at': files.setTimesAt,
    '[method]descriptor.link-at': files.linkAt,
    '[method]descriptor.open-at': files.openAt,
    '[method]descriptor.readlink-at': files.readlinkAt,
    '[method]descriptor.remove-directory-at': files.removeDirectoryAt,
    '[method]descriptor.rename-at': files.renameAt,
    '[method]descriptor.symlink-at': files.symlinkAt,
    '[method]descriptor.unlink-file-at': files.unlinkFileAt,
    '[method]descriptor.is-same-object': files.isSameObject,
    '[method]descriptor.metadata-hash': files.metadataHash,
    '[method]descriptor.metadata-hash-at': files.metadataHashAt,
    '[method]directory-entry-stream.read-directory-entry': files.readDirectoryEntry,
    'filesystem-error-code': files.filesystemErrorCode,
  },
});

/** The preopens, which are the same in every version of 0.2. */
export const preopens = defineInterface<FilesystemOwner>('wasi', 'wasi:filesystem/preopens', '0.2.12', {
  functions: { 'get-directories': files.preopened },
});

export const filesystemInterfaces = [types, preopens];
