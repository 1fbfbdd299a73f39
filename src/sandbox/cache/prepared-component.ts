// Turns a prepared component into the head and the body of a file, and back. Only the shape of what comes back is
// checked here: the key says that it belongs to the component, the checksums that it is undamaged.
import type { CodeFacts } from '../../component/rewrite/core-module.ts';
import type { PreparedCode } from '../artifact.ts';
import type { ImageData } from '../image.ts';
import { DamagedFile } from './cache-file.ts';

export interface PreparedComponent {
  readonly code: PreparedCode;
  /** The component's image; undefined for a component that has none. */
  readonly image: ImageData | undefined;
}

/**
 * The JSON in the head; the outlines stand behind it. All numbers are lengths in bytes, of parts one after the other.
 */
interface Head {
  readonly key: string;
  readonly outlines: readonly number[];
  readonly facts: readonly CodeFacts[];
  readonly modules: readonly number[];
  /** The length of each module that initialises itself; 0 where there is none. */
  readonly whole: readonly number[];
  readonly image: HeadImage | undefined;
}

interface HeadImage {
  readonly memories: readonly { readonly byteLength: number; readonly parts: readonly (readonly [number, number])[] }[];
  /**
   * The globals' values: other numbers as the hexadecimal digits of their bits, integers of 64 bits as decimal digits
   * and an n.
   */
  readonly globals: readonly string[];
}

/** `outlines` are those of the component and its middleware. */
export function encodePrepared(
  key: string,
  outlines: readonly Uint8Array[],
  { code, image }: PreparedComponent,
): { readonly head: Uint8Array; readonly body: readonly Uint8Array[] } {
  const head: Head = {
    key,
    outlines: outlines.map(({ length }) => length),
    facts: code.facts,
    modules: code.modules.map(({ length }) => length),
    whole: code.whole.map((bytes) => bytes?.length ?? 0),
    image: image && {
      memories: image.memories.map(({ byteLength, parts }) => ({
        byteLength,
        parts: parts.map(({ at, bytes }) => [at, bytes.length]),
      })),
      globals: image.globals.map(encodeGlobal),
    },
  };
  const whole = code.whole.filter((bytes) => bytes !== undefined);
  const memories = image?.memories.flatMap(({ parts }) => parts.map(({ bytes }) => bytes)) ?? [];
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  return { head: Buffer.concat([length, text, ...outlines]), body: [...code.modules, ...whole, ...memories] };
}

/** Bytes of the number in front of the JSON that gives its length. */
const LENGTH_BYTES = 4;

export interface DecodedHead {
  readonly outlines: readonly Uint8Array[];
  readonly facts: readonly CodeFacts[];
  /** Adds the body. Throws DamagedFile when it does not fit. */
  withBody(body: Buffer<ArrayBuffer>): PreparedComponent;
}

/** Decodes the head, which must be that of `key`. Throws DamagedFile. */
export function decodeHead(key: string, bytes: Buffer<ArrayBuffer>): DecodedHead {
  const take = taker(bytes);
  const head = parse(take(take(LENGTH_BYTES).readUInt32LE()));
  if (head.key !== key) throw new DamagedFile('it belongs to another component');
  const outlines = head.outlines.map(take);
  take.end();
  return { outlines, facts: head.facts, withBody: (body) => decodeBody(head, body) };
}

function decodeBody(head: Head, body: Buffer<ArrayBuffer>): PreparedComponent {
  const take = taker(body);
  const modules = head.modules.map(take);
  const whole = head.whole.map((length) => (length === 0 ? undefined : take(length)));
  const image = head.image && {
    memories: head.image.memories.map(({ byteLength, parts }) => ({
      byteLength,
      parts: parts.map(([start, length]) => ({ at: start, bytes: take(length) })),
    })),
    globals: head.image.globals.map(decodeGlobal),
  };
  take.end();
  return { code: { facts: head.facts, modules, whole }, image };
}

/** Gives a function that takes the next part off the bytes, and one that throws DamagedFile unless all were taken. */
function taker(bytes: Buffer<ArrayBuffer>): { (length: number): Buffer<ArrayBuffer>; end(): void } {
  let at = 0;
  const check = (fits: boolean): void => {
    if (!fits) throw new DamagedFile('its parts do not fit');
  };
  const take = (length: number): Buffer<ArrayBuffer> => {
    check(length <= bytes.length - at);
    at += length;
    return bytes.subarray(at - length, at);
  };
  return Object.assign(take, { end: () => check(at === bytes.length) });
}

function parse(bytes: Buffer): Head {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString());
  } catch {
    throw new DamagedFile('its head is no JSON');
  }
  if (isHead(parsed)) return parsed;
  throw new DamagedFile('its head is not what it should be');
}

type Check = (value: unknown) => boolean;
type Shape<T> = { readonly [Key in keyof T]-?: Check };

const isString: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const shaped =
  <T>(shape: Shape<T>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries<Check>(shape as Record<string, Check>).every(([key, check]) =>
      check((value as Record<string, unknown>)[key]),
    );

const isUse = shaped<CodeFacts['usesStateThatCannotBeReset'][number]>({
  instruction: isString,
  count: isCount,
  functions: listOf(isCount),
});
const isFacts = shaped<CodeFacts>({
  usesStateThatCannotBeReset: listOf(isUse),
  memoryGrow: optional(isUse),
  atomicWait: optional(isUse),
  allocates: isBoolean,
  usesDataSegments: isBoolean,
});
const isMemory = (value: unknown): boolean =>
  shaped<HeadImage['memories'][number]>({
    byteLength: isCount,
    parts: listOf((part) => listOf(isCount)(part) && (part as readonly number[]).length === 2),
  })(value) && partsFit(value as HeadImage['memories'][number]);
const isImage = shaped<HeadImage>({ memories: listOf(isMemory), globals: listOf(isString) });
const checkHead = shaped<Head>({
  key: isString,
  outlines: listOf(isCount),
  facts: listOf(isFacts),
  modules: listOf(isCount),
  whole: listOf(isCount),
  image: optional(isImage),
});

function isHead(value: unknown): value is Head {
  return checkHead(value);
}

/** Whether the parts are in order, do not overlap, and lie within the memory. */
function partsFit({ byteLength, parts }: HeadImage['memories'][number]): boolean {
  let end = 0;
  return parts.every(([at, length]) => {
    const fits = at >= end && length > 0;
    end = at + length;
    return fits && end <= byteLength;
  });
}

function encodeGlobal(value: number | bigint): string {
  if (typeof value === 'bigint') return `${value}n`;
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  return bits.toString('hex');
}

function decodeGlobal(text: string): number | bigint {
  if (/^-?\d{1,20}n$/.test(text)) return BigInt(text.slice(0, -1));
  if (/^[0-9a-f]{16}$/.test(text)) return Buffer.from(text, 'hex').readDoubleBE();
  throw new DamagedFile('a global of its image is no number');
}
