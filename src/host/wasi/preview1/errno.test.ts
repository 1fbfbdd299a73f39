// The error numbers and rights of preview1, as its document lists them, and which error of the system becomes which.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FilesystemError } from '../filesystem/error-code.ts';
import { StreamFailure } from '../io/streams.ts';
import { Errno, ErrnoError, errnoOf, failWith } from './errno.ts';
import {
  directoryRights,
  fileRights,
  preopenRights,
  Right,
  reading,
  stdinRights,
  stdoutRights,
  writing,
} from './rights.ts';

/** In the order of the document: their position is their number. */
const errnos = `success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled child
  connaborted connrefused connreset deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq inprogress intr
  inval io isconn isdir loop mfile mlink msgsize multihop nametoolong netdown netreset netunreach nfile nobufs nodev noent
  noexec nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty notrecoverable notsock notsup notty nxio
  overflow ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale timedout txtbsy xdev notcapable`
  .trim()
  .split(/\s+/);

const systemError = (code: string): Error => Object.assign(new Error(code), { code, syscall: 'open' });

test('each number that is used by its name is the one of the document', () => {
  assert.equal(errnos.length, 77);
  for (const [name, errno] of Object.entries(Errno)) assert.equal(errno, errnos.indexOf(name), name);
});

test('each error of the system becomes the number of its name', () => {
  const names = `ACCES AGAIN ALREADY BADF BUSY DEADLK DQUOT EXIST FBIG ILSEQ INPROGRESS INTR INVAL IO ISDIR LOOP MLINK
    MSGSIZE NAMETOOLONG NODEV NOENT NOLCK NOMEM NOSPC NOTDIR NOTEMPTY NOTRECOVERABLE NOTSUP NOTTY NXIO OVERFLOW PERM PIPE
    ROFS SPIPE XDEV`;
  for (const name of names.trim().split(/\s+/)) {
    assert.equal(errnoOf(systemError(`E${name}`)), errnos.indexOf(name.toLowerCase()), name);
  }
  assert.equal(errnoOf(systemError('ETXTBSY')), errnos.indexOf('txtbsy'));
  assert.equal(errnoOf(systemError('EWOULDBLOCK')), errnos.indexOf('again'));
  assert.equal(errnoOf(systemError('ENOSYS')), errnos.indexOf('notsup'));
  assert.equal(errnoOf(systemError('EOPNOTSUPP')), errnos.indexOf('notsup'));
  // The host's own lack of descriptors says no more than that there is no room.
  assert.equal(errnoOf(systemError('EMFILE')), errnos.indexOf('nomem'));
  assert.equal(errnoOf(systemError('ESOMETHING')), errnos.indexOf('io'));
});

test('errors of ours, and what is none of an operation', () => {
  assert.equal(errnoOf(new FilesystemError('insufficient-memory')), Errno.mfile);
  assert.equal(errnoOf(new FilesystemError('no-entry')), errnos.indexOf('noent'));
  assert.equal(errnoOf(new ErrnoError(Errno.notcapable)), Errno.notcapable);
  assert.throws(() => failWith(Errno.badf), { errno: Errno.badf });
  assert.equal(errnoOf(Object.create(StreamFailure.prototype)), Errno.io);
  for (const defect of [new TypeError('a mistake'), 'text', Object.assign(new Error('x'), { code: 'ENOENT' })]) {
    assert.throws(
      () => errnoOf(defect),
      (error) => error === defect,
    );
  }
});

/** In the order of the document: their position is their bit. */
const rights = `fdDatasync fdRead fdSeek fdFdstatSetFlags fdSync fdTell fdWrite fdAdvise fdAllocate pathCreateDirectory
  pathCreateFile pathLinkSource pathLinkTarget pathOpen fdReaddir pathReadlink pathRenameSource pathRenameTarget
  pathFilestatGet pathFilestatSetSize pathFilestatSetTimes fdFilestatGet fdFilestatSetSize fdFilestatSetTimes pathSymlink
  pathRemoveDirectory pathUnlinkFile pollFdReadwrite sockShutdown sockAccept`
  .trim()
  .split(/\s+/);

const namesOf = (bits: bigint): string[] => rights.filter((_, index) => ((bits >> BigInt(index)) & 1n) === 1n).sort();

test('each right has the bit of the document', () => {
  assert.deepEqual(Object.keys(Right), rights);
  for (const [index, name] of rights.entries())
    assert.equal(Right[name as keyof typeof Right], 1n << BigInt(index), name);
});

test('what descriptors of each kind may do', () => {
  const both = ['fdAdvise', 'fdDatasync', 'fdFdstatSetFlags', 'fdFilestatGet', 'fdFilestatSetTimes', 'fdSync'];
  const files = ['fdRead', 'fdSeek', 'fdTell', 'fdWrite', 'fdAllocate', 'fdFilestatSetSize', 'pollFdReadwrite'];
  assert.deepEqual(namesOf(fileRights), [...both, ...files].sort());
  const paths = rights.filter((name) => name.startsWith('path'));
  assert.deepEqual(namesOf(directoryRights), [...both, ...paths, 'fdReaddir'].sort());
  assert.deepEqual(preopenRights, { base: directoryRights, inheriting: directoryRights | fileRights });
  const stdio = ['fdFdstatSetFlags', 'fdFilestatGet', 'pollFdReadwrite'];
  assert.deepEqual(namesOf(stdinRights.base), [...stdio, 'fdRead'].sort());
  assert.deepEqual(namesOf(stdoutRights.base), [...stdio, 'fdDatasync', 'fdSync', 'fdWrite'].sort());
  assert.deepEqual([stdinRights.inheriting, stdoutRights.inheriting], [0n, 0n]);
  assert.deepEqual([namesOf(reading), namesOf(writing)], [['fdRead'], ['fdWrite']]);
});
