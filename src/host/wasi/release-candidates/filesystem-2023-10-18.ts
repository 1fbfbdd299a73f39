// wasi:filesystem 0.2.0-rc-2023-10-18: 0.2 with modes, permissions and locks, which no host ever had.
import { err } from '../../../component/types/val-type.ts';
import { defineInterface, resource, suspending } from '../../service.ts';
import { preopens } from '../filesystem/bindings-0.2.ts';
import type { Descriptor, DescriptorFlags, FilesystemOwner } from '../filesystem/descriptor.ts';
import type { OpenFlags } from '../filesystem/open-at.ts';
import * as files from '../filesystem/operations.ts';
import type { HostObject } from '../io/host-object.ts';
import { RC_2023_10_18, sameIn } from './versions.ts';

type Owner = FilesystemOwner;

const drop = (_owner: Owner, object: HostObject): void => object.drop();
const unsupported = () => err('unsupported');

/** Opens a path. The modes, the last parameter, are ignored, as in every other host. */
function openAt(
  owner: Owner,
  self: Descriptor,
  flags: files.PathFlags,
  path: string,
  open: OpenFlags,
  descriptorFlags: DescriptorFlags,
) {
  return files.openAt(owner, self, flags, path, open, descriptorFlags);
}

const types = defineInterface<Owner>('wasi', 'wasi:filesystem/types', RC_2023_10_18, {
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
    '[method]descriptor.open-at': openAt,
    '[method]descriptor.readlink-at': files.readlinkAt,
    '[method]descriptor.remove-directory-at': files.removeDirectoryAt,
    '[method]descriptor.rename-at': files.renameAt,
    '[method]descriptor.symlink-at': files.symlinkAt,
    '[method]descriptor.unlink-file-at': files.unlinkFileAt,
    '[method]descriptor.is-same-object': files.isSameObject,
    '[method]descriptor.metadata-hash': files.metadataHash,
    '[method]descriptor.metadata-hash-at': files.metadataHashAt,
    '[method]descriptor.access-at': unsupported,
    '[method]descriptor.change-file-permissions-at': unsupported,
    '[method]descriptor.change-directory-permissions-at': unsupported,
    '[method]descriptor.lock-shared': unsupported,
    '[method]descriptor.lock-exclusive': unsupported,
    '[method]descriptor.try-lock-shared': unsupported,
    '[method]descriptor.try-lock-exclusive': unsupported,
    '[method]descriptor.unlock': unsupported,
    '[method]directory-entry-stream.read-directory-entry': files.readDirectoryEntry,
    'filesystem-error-code': files.filesystemErrorCode,
  },
});

export const filesystem20231018 = [types, sameIn(preopens, RC_2023_10_18)];
