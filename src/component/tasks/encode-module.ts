// Encodes tiny core modules: only what core-glue.ts and waiters.ts need.
import type { FlatType } from '../types/layout.ts';

export interface CoreSignature {
  readonly params: readonly FlatType[];
  readonly results: readonly FlatType[];
}

const valTypes: Readonly<Record<FlatType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
export const TYPE = 1;
export const IMPORT = 2;
export const FUNCTION = 3;
export const EXPORT = 7;
export const CODE = 10;
const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Encodes an unsigned LEB128. */
export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...leb(items.length), ...items.flat()];
}

export function section(id: number, items: readonly (readonly number[])[]): number[] {
  const body = vector(items);
  return [id, ...leb(body.length), ...body];
}

export function text(value: string): number[] {
  return [...leb(value.length), ...new TextEncoder().encode(value)];
}

export function funcType(params: readonly FlatType[], results: readonly FlatType[]): number[] {
  return [0x60, ...vector(params.map((one) => [valTypes[one]])), ...vector(results.map((one) => [valTypes[one]]))];
}

/** Encodes the import of a function from the module of no name. */
export function importFunc(name: string, type: number): number[] {
  return [...text(''), ...text(name), 0x00, ...leb(type)];
}

export function body(code: readonly number[]): number[] {
  const all = [0x00, ...code, 0x0b];
  return [...leb(all.length), ...all];
}

export function gets({ params }: CoreSignature): number[] {
  return params.flatMap((_, index) => [0x20, ...leb(index)]);
}

export function compile(parts: readonly (readonly number[])[]): WebAssembly.Module {
  return new WebAssembly.Module(Uint8Array.from([...header, ...parts.flat()]));
}

export function exportFunc(name: string, index: number): number[] {
  return [...text(name), 0x00, ...leb(index)];
}

export function callFunc(index: number): number[] {
  return [0x10, ...leb(index)];
}
