// Rights of descriptors: what each allows, which kinds of descriptors can have it, and how they are passed on.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#-rights-flagsu64

const bit = (index: number): bigint => 1n << BigInt(index);

export const Right = {
  fdDatasync: bit(0),
  fdRead: bit(1),
  fdSeek: bit(2),
  fdFdstatSetFlags: bit(3),
  fdSync: bit(4),
  fdTell: bit(5),
  fdWrite: bit(6),
  fdAdvise: bit(7),
  fdAllocate: bit(8),
  pathCreateDirectory: bit(9),
  pathCreateFile: bit(10),
  pathLinkSource: bit(11),
  pathLinkTarget: bit(12),
  pathOpen: bit(13),
  fdReaddir: bit(14),
  pathReadlink: bit(15),
  pathRenameSource: bit(16),
  pathRenameTarget: bit(17),
  pathFilestatGet: bit(18),
  pathFilestatSetSize: bit(19),
  pathFilestatSetTimes: bit(20),
  fdFilestatGet: bit(21),
  fdFilestatSetSize: bit(22),
  fdFilestatSetTimes: bit(23),
  pathSymlink: bit(24),
  pathRemoveDirectory: bit(25),
  pathUnlinkFile: bit(26),
  pollFdReadwrite: bit(27),
  sockShutdown: bit(28),
  sockAccept: bit(29),
} as const;

export interface Rights {
  readonly base: bigint;
  /** The most rights that descriptors can have which are opened through this one. */
  readonly inheriting: bigint;
}

const allOf = (...rights: readonly bigint[]): bigint => rights.reduce((sum, one) => sum | one, 0n);

export const fileRights = allOf(
  Right.fdDatasync,
  Right.fdRead,
  Right.fdSeek,
  Right.fdFdstatSetFlags,
  Right.fdSync,
  Right.fdTell,
  Right.fdWrite,
  Right.fdAdvise,
  Right.fdAllocate,
  Right.fdFilestatGet,
  Right.fdFilestatSetSize,
  Right.fdFilestatSetTimes,
  Right.pollFdReadwrite,
);

export const directoryRights = allOf(
  Right.fdFdstatSetFlags,
  Right.fdSync,
  Right.fdDatasync,
  Right.fdAdvise,
  Right.pathCreateDirectory,
  Right.pathCreateFile,
  Right.pathLinkSource,
  Right.pathLinkTarget,
  Right.pathOpen,
  Right.fdReaddir,
  Right.pathReadlink,
  Right.pathRenameSource,
  Right.pathRenameTarget,
  Right.pathFilestatGet,
  Right.pathFilestatSetSize,
  Right.pathFilestatSetTimes,
  Right.fdFilestatGet,
  Right.fdFilestatSetTimes,
  Right.pathSymlink,
  Right.pathRemoveDirectory,
  Right.pathUnlinkFile,
);

/** The rights of a preopen are those of any directory: a read-only mount refuses changes by EROFS. */
export const preopenRights: Rights = { base: directoryRights, inheriting: directoryRights | fileRights };

const stdioRights = allOf(Right.fdFdstatSetFlags, Right.fdFilestatGet, Right.pollFdReadwrite);
export const stdinRights: Rights = { base: stdioRights | Right.fdRead, inheriting: 0n };
export const stdoutRights: Rights = {
  base: stdioRights | allOf(Right.fdWrite, Right.fdSync, Right.fdDatasync),
  inheriting: 0n,
};

/**
 * Whether the rights that a guest asks for mean that a file is opened for writing, or for reading. The right to set the
 * size does not count as writing, as in Wasmtime: Go asks for it when it opens a file that it only wants to read.
 */
export const writing = Right.fdWrite;
export const reading = Right.fdRead;
