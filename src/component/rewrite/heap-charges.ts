// What is added to a module that makes objects or throws exceptions: a global with the bytes that it may still take, a
// function that takes some and traps when there are too few, and a call of it before each such instruction. Each stands
// at the end of its index space. The original module has to be valid by itself: what it could not name before it must
// not name now.
import type { ByteSink } from './byte-sink.ts';
import { type CoreModuleInfo, PlaceKind, SectionId } from './core-module.ts';
import { exceptionBytes, OBJECT_HEAD, objectType } from './object-costs.ts';
import type { Addition } from './rewrite-additions.ts';
import type { HeapOptions } from './rewrite-options.ts';
import { readU32, skipLeb } from './skip-immediates.ts';

const I32 = 0x7f;
const I64 = 0x7e;
const THROW = 0x08;
const CALL = 0x10;
const DROP = 0x1a;
const I32_CONST = 0x41;
const GC_PREFIX = 0xfb;
const STRUCT_NEW_DEFAULT = 1;
const ARRAY_NEW_FIXED = 8;

export function heapAdditions(info: CoreModuleInfo, heap: HeapOptions): readonly Addition[] {
  const charges = hasCharges(info);
  const type = info.types.length;
  const global = info.globals.length;
  return [
    ...(charges ? [one(SectionId.type, (sink) => sink.bytesOf(0x60, 2, I32, I32, 1, I32))] : []),
    ...(charges ? [one(SectionId.function, (sink) => sink.u32(type))] : []),
    one(SectionId.global, (sink) => {
      sink.bytesOf(I32, 1, I32_CONST);
      sink.i32(heap.bytes);
      sink.byte(0x0b);
    }),
    one(SectionId.export, (sink) => {
      sink.name(heap.exportName);
      sink.byte(3);
      sink.u32(global);
    }),
  ];
}

const one = (id: number, write: (sink: ByteSink) => void): Addition => ({ id, entries: [write] });

/** Whether some instruction of the code is charged for; otherwise only constants make objects. */
export function hasCharges({ layout }: CoreModuleInfo): boolean {
  return layout.code.places.kinds.includes(PlaceKind.allocation);
}

/**
 * Writes `(func (param $count i32) (param $size i32) (result i32))`, which takes `count * size` bytes and what every
 * object has besides, and returns the count.
 */
export function writeChargeFunction(sink: ByteSink, { globals }: CoreModuleInfo): void {
  const global = globals.length;
  const start = sink.beginSized();
  sink.bytesOf(1, 1, I64); // $cost
  sink.bytesOf(0x20, 0, 0xad, 0x20, 1, 0xad, 0x7e); // i64.extend_i32_u of both, i64.mul
  sink.bytesOf(0x42, OBJECT_HEAD, 0x7c, 0x22, 2); // i64.add, local.tee $cost
  sink.byte(0x23);
  sink.u32(global);
  sink.bytesOf(0xac, 0x55, 0x04, 0x40); // i64.extend_i32_s, i64.gt_s, if
  sink.bytesOf(I32_CONST, 0x7f, 0x24); // global.set to -1
  sink.u32(global);
  sink.bytesOf(0x00, 0x0b); // unreachable, end
  sink.byte(0x23);
  sink.u32(global);
  sink.bytesOf(0x20, 2, 0xa7, 0x6b, 0x24); // i32.sub of i32.wrap_i64, global.set
  sink.u32(global);
  sink.bytesOf(0x20, 0, 0x0b);
  sink.endSized(start);
}

/** Writes the call that belongs before the instruction at `at`. */
export function writeCharge(sink: ByteSink, bytes: Uint8Array, at: number, info: CoreModuleInfo): void {
  if (bytes[at] === THROW) {
    writeCall(sink, 1, exceptionBytes(info.tags[readU32(bytes, at + 1)]), info);
    return;
  }
  if (bytes[at] !== GC_PREFIX) throw new Error(`No object is made by the instruction at ${at}`);
  const opcode = readU32(bytes, at + 1);
  const typeAt = skipLeb(bytes, at + 1);
  const type = readU32(bytes, typeAt);
  if (opcode <= STRUCT_NEW_DEFAULT) {
    writeCall(sink, 1, objectType(info.types, type, 'struct', at), info);
    return;
  }
  const element = objectType(info.types, type, 'array', at);
  const length = opcode === ARRAY_NEW_FIXED ? readU32(bytes, skipLeb(bytes, typeAt)) : undefined;
  writeCall(sink, length, element, info);
}

/** Writes the call. Without a given count, the count is what lies on the stack, and it stays there. */
function writeCall(sink: ByteSink, count: number | undefined, size: number, { funcTypes }: CoreModuleInfo): void {
  if (count !== undefined) {
    sink.byte(I32_CONST);
    sink.i32(count);
  }
  sink.byte(I32_CONST);
  sink.i32(size);
  sink.byte(CALL);
  sink.u32(funcTypes.length);
  if (count !== undefined) sink.byte(DROP);
}
