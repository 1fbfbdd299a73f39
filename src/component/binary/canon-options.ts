// Reads the options of a canonical function into one record; duplicates and conflicts are errors of the format.
// design/mvp/Binary.md#canonical-definitions

import type { StringEncoding } from '../types/string-encoding.ts';
import type { CanonOptions } from './ast.ts';
import type { Reader } from './reader.ts';

type Partially = { -readonly [key in keyof CanonOptions]?: CanonOptions[key] };

const encodings: readonly StringEncoding[] = ['utf8', 'utf16', 'latin1+utf16'];

const texts: Readonly<Record<keyof CanonOptions, string>> = {
  encoding: 'string-encoding',
  memory: 'memory',
  realloc: 'realloc',
  postReturn: 'post-return',
  async: 'async',
  callback: 'callback',
  alwaysTaskReturn: 'always-task-return',
};

export function readOptions(reader: Reader): CanonOptions {
  const options: Partially = {};
  reader.vector(() => readOption(reader, options));
  return {
    encoding: options.encoding ?? 'utf8',
    memory: options.memory,
    realloc: options.realloc,
    postReturn: options.postReturn,
    async: options.async ?? false,
    callback: options.callback,
    alwaysTaskReturn: false,
  };
}

function readOption(reader: Reader, into: Partially): void {
  const start = reader.position;
  const option = readOne(reader);
  for (const key of Object.keys(option) as (keyof CanonOptions)[]) {
    if (into[key] === undefined) continue;
    reader.fail(`Canonical option "${texts[key]}" is specified more than once`, start);
  }
  Object.assign(into, option);
}

function readOne(reader: Reader): Partially {
  const byte = reader.byte();
  switch (byte) {
    case 0x00:
    case 0x01:
    case 0x02:
      return { encoding: encodings[byte]! };
    case 0x03:
      return { memory: reader.u32() };
    case 0x04:
      return { realloc: reader.u32() };
    case 0x05:
      return { postReturn: reader.u32() };
    case 0x06:
      return { async: true };
    case 0x07:
      return { callback: reader.u32() };
    default:
      return reader.unknown(byte, 'a canonical option');
  }
}
