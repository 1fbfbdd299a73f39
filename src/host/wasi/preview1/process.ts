// proc_*, sched_yield, random_get, and sock_*: there are no sockets among the descriptors of preview1.
import type { GuestMemory, HostCoreFunction } from '../../../component/types/core-host.ts';
import { GuestExit } from '../../../errors.ts';
import { fillRandom } from '../random/random.ts';
import { define, defineSuspending, type Finish } from './define.ts';
import { Errno, failWith } from './errno.ts';
import type { FdTable } from './fd-table.ts';
import { bytesAt } from './guest-values.ts';

const noSocket = (fds: FdTable, _memory: GuestMemory, fd: number): never => {
  fds.get(fd);
  return failWith(Errno.notsock);
};

export const processFunctions: Readonly<Record<string, HostCoreFunction>> = {
  proc_exit: {
    params: ['u32'],
    hasResult: false,
    suspends: false,
    call(_state, _memory, code) {
      throw new GuestExit(code as number);
    },
  },
  proc_raise: define('u32', () => failWith(Errno.notsup)),
  sched_yield: defineSuspending('', () => new Promise<Finish>((resolve) => setImmediate(resolve, () => {}))),
  random_get: define('u32 u32', (_fds, memory, pointer: number, length: number) =>
    fillRandom(bytesAt(memory, pointer, length)),
  ),
  sock_accept: define('u32 u32 u32', noSocket),
  sock_recv: define('u32 u32 u32 u32 u32 u32', noSocket),
  sock_send: define('u32 u32 u32 u32 u32', noSocket),
  sock_shutdown: define('u32 u32', noSocket),
};
