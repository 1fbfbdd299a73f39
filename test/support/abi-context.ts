// A component instance for tests of lifting and lowering: a memory, an allocator that only goes on, and no guest.

import { AbiContext, type ComponentState } from '../../src/component/abi/context.ts';
import { HandleQuota } from '../../src/component/abi/handle-quota.ts';
import { HandleTable } from '../../src/component/abi/handles.ts';
import { MemoryView } from '../../src/component/abi/memory.ts';
import type { StringEncoding } from '../../src/component/types/string-encoding.ts';

export interface Allocation {
  readonly old: number;
  readonly oldSize: number;
  readonly align: number;
  readonly size: number;
  readonly pointer: number;
}

export interface AbiFixture {
  readonly cx: AbiContext;
  readonly state: ComponentState;
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly allocations: readonly Allocation[];
}

export interface AbiFixtureOptions {
  readonly encoding?: StringEncoding;
  /** Where the first allocation lies. */
  readonly free?: number;
  readonly pages?: number;
  readonly handleLimit?: number;
  readonly index?: number;
  /** In place of the allocator. */
  readonly realloc?: (old: number, oldSize: number, align: number, size: number) => number;
}

export function abiFixture(options: AbiFixtureOptions = {}): AbiFixture {
  const { encoding = 'utf8', pages = 1, handleLimit = 100, index = 3 } = options;
  const memory = new WebAssembly.Memory({ initial: pages });
  const bytes = new Uint8Array(memory.buffer as ArrayBuffer);
  const allocations: Allocation[] = [];
  let { free = 1024 } = options;
  const bump = (old: number, oldSize: number, align: number, size: number): number => {
    const pointer = Math.ceil(free / align) * align;
    free = pointer + size;
    bytes.copyWithin(pointer, old, old + Math.min(oldSize, size));
    return pointer;
  };
  const realloc = (...args: (number | bigint)[]): number => {
    const [old, oldSize, align, size] = args as [number, number, number, number];
    const pointer = (options.realloc ?? bump)(old, oldSize, align, size);
    allocations.push({ old, oldSize, align, size, pointer });
    return pointer;
  };
  const state = {
    handles: new HandleTable(new HandleQuota(handleLimit)),
    parent: undefined,
    index,
    mayEnter: true,
    mayLeave: true,
  };
  const cx = new AbiContext(state, encoding, new MemoryView(memory), realloc, undefined);
  return { cx, state, memory, bytes, allocations };
}
