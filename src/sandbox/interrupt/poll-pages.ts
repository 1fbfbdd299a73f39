// The page of each linear memory that its guest's checks load from: it lies beyond all that the memory may grow to, in
// the addresses that the engine has reserved for it. A guest whose page is taken away traps at its next check. The
// guest reads zeros there, and cannot write.

import { readFileSync } from 'node:fs';
import { pollCheck } from '../../component/rewrite/interrupt-check.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { WASM_PAGE } from '../memory/imaged-memory.ts';
import { processLibc } from '../memory/kernel.ts';
import { type Libc, PROT_NONE, PROT_READ } from '../memory/libc.ts';

/**
 * Where the page lies, in bytes from the start of a memory: below 2 GiB, so that it fits into an instruction; far from
 * where arithmetic that went wrong is likely to end; and a multiple of all page sizes that kernels have.
 */
export const POLL_ADDRESS = 0x7fab_0000;

export interface PollPages {
  /** Makes the page of this memory readable and returns where it lies in the process. Throws 'sandbox-exhausted'. */
  open(memory: WebAssembly.Memory): bigint;
  /** Takes the page away: its guest traps at its next check. */
  takeAway(address: bigint): void;
  /** Makes a page readable again that was taken away. */
  restore(address: bigint): void;
  /** The page's size in bytes. */
  readonly byteLength: number;
}

let pages: PollPages | string | undefined;

/** The poll pages of this process, or the reason why guests cannot poll in it. */
export function processPollPages(): PollPages | string {
  if (pages === undefined) {
    const libc = processLibc();
    pages = typeof libc === 'string' ? libc : tried(libc);
  }
  return pages;
}

/** Whether code may read, in this process, what lies in the addresses of a memory beyond its end. */
export const canPoll = (): boolean => typeof processPollPages() !== 'string';

/** The address that code polls whose memories have at most so many pages; undefined when it cannot. */
export function pollAddress(maximumPages: number): number | undefined {
  return maximumPages * WASM_PAGE <= POLL_ADDRESS && canPoll() ? POLL_ADDRESS : undefined;
}

export const noPollPages: readonly bigint[] = [];

/**
 * Opens the pages of all memories of a sandbox, which must be ordinary ones; none when guests with memories of at most
 * `maximumPages` do not poll, for then the address may be one of their own.
 */
export function openPollPages(memories: Iterable<WebAssembly.Memory>, maximumPages: number): readonly bigint[] {
  const polls = processPollPages();
  const polled = typeof polls !== 'string' && pollAddress(maximumPages) !== undefined;
  return polled ? Array.from(memories, polls.open) : noPollPages;
}

function bind(libc: Libc): PollPages {
  return {
    byteLength: libc.pageSize,
    open(memory) {
      const address = libc.addressOf(memory.buffer as ArrayBuffer) + BigInt(POLL_ADDRESS);
      if (libc.protect(address, libc.pageSize, PROT_READ)) return address;
      throw new MayflyError('sandbox-exhausted', `Cannot map the page that a guest polls: ${libc.errno()}`);
    },
    takeAway: (address) => void libc.protect(address, libc.pageSize, PROT_NONE),
    restore: (address) => void libc.protect(address, libc.pageSize, PROT_READ),
  };
}

/** Tries the pages on a small memory before they are trusted. */
function tried(libc: Libc): PollPages | string {
  if (POLL_ADDRESS % libc.pageSize !== 0) return `pages have ${libc.pageSize} bytes`;
  try {
    const polls = bind(libc);
    return trial(libc, polls) ?? polls;
  } catch (error) {
    return messageOf(error);
  }
}

function trial(libc: Libc, polls: PollPages): string | undefined {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const start = libc.addressOf(memory.buffer as ArrayBuffer);
  if (!isReserved(start + BigInt(WASM_PAGE), start + BigInt(POLL_ADDRESS + libc.pageSize))) {
    return 'the engine reserves too few addresses for a memory';
  }
  const poll = pollOnce(memory);
  const address = polls.open(memory);
  if (!poll()) return 'the engine does not read what lies beyond a memory';
  if (!libc.protect(address, libc.pageSize, PROT_NONE) || poll()) return 'a page that was taken away stops no guest';
  polls.restore(address);
  return poll() ? undefined : 'a page that was given back stops guests still';
}

/**
 * Whether one mapping spans these addresses that nobody may access: then it is what the engine keeps around a memory.
 */
function isReserved(start: bigint, end: bigint): boolean {
  for (const line of readFileSync('/proc/self/maps', 'latin1').split('\n')) {
    const [, from = '0', to = '0', access] = /^([0-9a-f]+)-([0-9a-f]+) (....)/.exec(line) ?? [];
    if (BigInt(`0x${from}`) <= start && end <= BigInt(`0x${to}`)) return access?.startsWith('---') === true;
  }
  return false;
}

/** Runs a check as the rewriter writes it; false when it traps. */
function pollOnce(memory: WebAssembly.Memory): () => boolean {
  // (module (import "" "" (memory 0 32768)) (func (export "") (drop (i32.load offset=POLL_ADDRESS (i32.const 0)))))
  const body = [0x00, ...pollCheck(POLL_ADDRESS), 0x0b];
  const sections = [
    [1, 4, 1, 0x60, 0, 0],
    [2, 9, 1, 0, 0, 2, 1, 0, 0x80, 0x80, 0x02],
    [3, 2, 1, 0],
    [7, 4, 1, 0, 0, 0],
    [10, body.length + 2, 1, body.length, ...body],
  ];
  const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...sections.flat()]);
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { '': { '': memory } });
  const poll = instance.exports[''] as () => void;
  return () => {
    try {
      poll();
      return true;
    } catch {
      return false;
    }
  };
}
