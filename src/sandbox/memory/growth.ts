// Takes back by how much a guest has grown its memory, which no engine can do: the engine is not told that it grows. Pages beyond
// the image lie in the addresses that it has reserved for the memory, where nobody may access them, so that a guest traps there;
// growing makes them accessible, and taking back leaves zeros that nobody may access. The host looks at the memory through a
// window of the size that the guest knows. What the engine does with the size that it knows is replaced by
// component/rewrite/growth.ts.
import { MemoryWindow } from '../../component/abi/memory.ts';
import { growthGlobals } from '../../component/rewrite/growth.ts';
import { type Growth, WASM_PAGE } from './imaged-memory.ts';
import type { MappedMemories } from './kernel.ts';
import { PROT_NONE, PROT_READ_WRITE } from './libc.ts';
import type { Run } from './zero-runs.ts';

/** A memory is collected only after the last buffer that shows its bytes. */
const shown = new WeakMap<ArrayBuffer, WebAssembly.Memory>();

/**
 * The most bytes beyond the image that are kept when they are taken back, as zeros: to write zeros costs a tenth of what it
 * costs to get the pages from the kernel again.
 */
const MOST_KEPT = 4 * 1024 * 1024;

/**
 * `memory`, at `address`, is that of one sandbox, and no code grows it by other means. `maximum` counts pages of 64 KiB. Without
 * `written` no page is kept.
 */
export function growthOf(
  { libc, written }: Pick<MappedMemories, 'libc' | 'written'>,
  memory: WebAssembly.Memory,
  address: bigint,
  maximum: number,
): Growth {
  const initial = memory.buffer.byteLength;
  const window = new MemoryWindow(memory);
  let size = initial;
  /** The most that may be accessible: should the stack end while the memory grows, more than the guest knows. */
  let reached = initial;
  let isOver = false;
  /** What windows of more than the first size are cut from: the engine collects garbage when there are many buffers of this size. */
  let whole: ArrayBuffer | undefined;
  const setSize = (byteLength: number): void => {
    size = byteLength;
    if (byteLength === initial) {
      window.show(memory.buffer as ArrayBuffer, initial);
      return;
    }
    if (!whole || whole.byteLength < byteLength) {
      whole = libc.view(address, Math.min(2 * byteLength, maximum * WASM_PAGE));
      shown.set(whole, memory);
    }
    window.show(whole, byteLength);
  };
  /** Makes zeros of all that lies beyond the image. */
  const clear = (grown: number): boolean => {
    const start = address + BigInt(initial);
    const runs: Run[] = [];
    const bytes =
      written && reached === window.bytes.length
        ? written.scan(start, grown, (from, to) => runs.push({ start: from, end: to }))
        : -1;
    if (bytes < 0 || bytes > MOST_KEPT) return libc.dropPages(start, BigInt(grown));
    for (const run of runs) window.bytes.fill(0, initial + run.start, initial + run.end);
    return true;
  };
  const isInside = (start: number, length: number): boolean => start + length <= size;
  const calls = {
    grow(delta: number): number {
      const pages = size / WASM_PAGE;
      const added = delta >>> 0;
      if (added === 0) return pages;
      if (isOver || pages + added > maximum) return -1;
      reached = Math.max(reached, size + added * WASM_PAGE);
      if (!libc.protect(address + BigInt(size), added * WASM_PAGE, PROT_READ_WRITE)) return -1;
      setSize(size + added * WASM_PAGE);
      return pages;
    },
    copy(target: number, source: number, length: number): number {
      const [to, from, count] = [target >>> 0, source >>> 0, length >>> 0];
      if (!isInside(to, count) || !isInside(from, count)) return 0;
      window.bytes.copyWithin(to, from, from + count);
      return 1;
    },
    fill(target: number, value: number, length: number): number {
      const [to, count] = [target >>> 0, length >>> 0];
      if (!isInside(to, count)) return 0;
      window.bytes.fill(value, to, to + count);
      return 1;
    },
  };
  return {
    functions: new WebAssembly.Instance(passing(), { '': calls }).exports,
    get byteLength() {
      return size;
    },
    takeBack() {
      const grown = reached - initial;
      if (grown === 0) return true;
      const isClear = clear(grown);
      setSize(initial);
      reached = initial;
      return libc.protect(address + BigInt(initial), grown, PROT_NONE) && isClear;
    },
    handOver() {
      window.empty();
    },
    end() {
      isOver = true;
      window.empty();
    },
  };
}

let passingModule: WebAssembly.Module | undefined;

/** A module that exports what it imports: a global takes functions of WebAssembly only. */
function passing(): WebAssembly.Module {
  passingModule ??= new WebAssembly.Module(passingBytes());
  return passingModule;
}

function passingBytes(): Uint8Array<ArrayBuffer> {
  const names = growthGlobals.map((name) => [name.length, ...Buffer.from(name)]);
  const sections = [
    [1, [2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7f]],
    [2, [names.length, ...names.flatMap((name, index) => [0, ...name, 0, index === 0 ? 0 : 1])]],
    [7, [names.length, ...names.flatMap((name, index) => [...name, 0, index])]],
  ] as const;
  const content = sections.flatMap(([id, section]) => [id, section.length, ...section]);
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...content]);
}
