// wasi:filesystem 0.2.0-rc-2023-10-18: 0.2 and, beside it, modes, permissions and locks, which no host ever had.
import { err, type Result } from '../../../component/types/val-type.ts';
import { defineInterface } from '../../service.ts';
import { filesystemInterfaces } from '../filesystem/bindings-0.2.ts';
import type { Descriptor, DescriptorFlags, FilesystemOwner } from '../filesystem/descriptor.ts';
import type { OpenFlags } from '../filesystem/open-at.ts';
import { type Changes, resultParts, signatureOf } from './derive.ts';

type Owner = FilesystemOwner;
interface PathFlags {
  readonly symlinkFollow: boolean;
}
type OpenAt = (
  owner: Owner,
  self: Descriptor,
  flags: PathFlags,
  path: string,
  open: OpenFlags,
  descriptorFlags: DescriptorFlags,
) => Result<Descriptor, string>;

const NAME = 'wasi:filesystem/types';
const openAt = filesystemInterfaces.find(({ name }) => name === NAME)?.functions['[method]descriptor.open-at']
  ?.call as unknown as OpenAt;
const unsupported = () => err('unsupported');

const { functions } = defineInterface<Owner>('wasi', NAME, undefined, {
  functions: {
    '[method]descriptor.open-at': (
      owner,
      self: Descriptor,
      flags: PathFlags,
      path: string,
      open: OpenFlags,
      descriptorFlags: DescriptorFlags,
    ) => openAt(owner, self, flags, path, open, descriptorFlags),
    '[method]descriptor.access-at': unsupported,
    '[method]descriptor.change-file-permissions-at': unsupported,
    '[method]descriptor.change-directory-permissions-at': unsupported,
    '[method]descriptor.lock-shared': unsupported,
    '[method]descriptor.lock-exclusive': unsupported,
    '[method]descriptor.try-lock-shared': unsupported,
    '[method]descriptor.try-lock-exclusive': unsupported,
    '[method]descriptor.unlock': unsupported,
  },
});

const { err: errorCode } = resultParts(signatureOf(NAME, '[method]descriptor.stat'));
const self = 'borrow<wasi:filesystem/types/descriptor>';
const pathFlags = 'flags{symlink-follow}';
const modes = 'flags{readable, writable, executable}';
const done = `result<_, ${errorCode}>`;
const locks = ['lock-shared', 'lock-exclusive', 'try-lock-shared', 'try-lock-exclusive', 'unlock'];

export const filesystemChanges: Changes = {
  functions,
  types: {
    '[method]descriptor.open-at': signatureOf(NAME, '[method]descriptor.open-at').replace(') -> ', `, ${modes}) -> `),
    '[method]descriptor.access-at': `func(${self}, ${pathFlags}, string, variant{access(${modes}), exists}) -> ${done}`,
    '[method]descriptor.change-file-permissions-at': `func(${self}, ${pathFlags}, string, ${modes}) -> ${done}`,
    '[method]descriptor.change-directory-permissions-at': `func(${self}, ${pathFlags}, string, ${modes}) -> ${done}`,
    ...Object.fromEntries(locks.map((name) => [`[method]descriptor.${name}`, `func(${self}) -> ${done}`])),
  },
};
