// Canonical functions. design/mvp/Binary.md#canonical-definitions

import type { Canon } from './ast.ts';
import { readOptions } from './canon-options.ts';
import { readCoreValType } from './core-types.ts';
import type { Reader } from './reader.ts';
import { readResult } from './val-types.ts';

export function readCanon(reader: Reader): Canon {
  const byte = reader.byte();
  switch (byte) {
    case 0x00: {
      reader.expect(0x00, 'canon lift');
      const coreFunc = reader.u32();
      return { kind: 'lift', coreFunc, options: readOptions(reader), type: reader.u32() };
    }
    case 0x01:
      reader.expect(0x00, 'canon lower');
      return { kind: 'lower', func: reader.u32(), options: readOptions(reader) };
    case 0x02:
      return { kind: 'resource.new', resource: reader.u32() };
    case 0x03:
      return { kind: 'resource.drop', resource: reader.u32(), async: false };
    case 0x04:
      return { kind: 'resource.rep', resource: reader.u32() };
    default:
      return readBuiltin(byte, reader);
  }
}

type Builtin = Canon & { kind: 'builtin' };
type Immediates = Partial<Omit<Builtin, 'kind' | 'name'>>;

/** Reads the immediates of a built-in that has none. */
const nothing = (): Immediates => ({});
const async = (reader: Reader): Immediates => ({ async: reader.flag('async') });
const cancellable = (reader: Reader): Immediates => ({ cancellable: reader.flag('cancellable') });
const options = (reader: Reader): Immediates => ({ options: readOptions(reader) });
const type = (reader: Reader): Immediates => ({ type: reader.u32() });
const typeAndOptions = (reader: Reader): Immediates => ({ type: reader.u32(), options: readOptions(reader) });
const typeAndAsync = (reader: Reader): Immediates => ({ type: reader.u32(), async: reader.flag('async') });
const context = (reader: Reader): Immediates => ({ valType: readCoreValType(reader), slot: reader.u32() });
const wait = (reader: Reader): Immediates => ({ cancellable: reader.flag('cancellable'), memory: reader.u32() });
const typeAndTable = (reader: Reader): Immediates => ({ type: reader.u32(), table: reader.u32() });
const shared = (reader: Reader): Immediates => ({ shared: reader.flag('shared') });
const sharedType = (reader: Reader): Immediates => ({ ...shared(reader), ...type(reader) });
const sharedTypeAndTable = (reader: Reader): Immediates => ({ ...shared(reader), ...typeAndTable(reader) });
const taskReturn = (reader: Reader): Immediates => ({ result: readResult(reader), options: readOptions(reader) });

const builtins: Readonly<Record<number, readonly [name: string, read: (reader: Reader) => Immediates]>> = {
  5: ['task.cancel', nothing],
  6: ['subtask.cancel', async],
  9: ['task.return', taskReturn],
  10: ['context.get', context],
  11: ['context.set', context],
  12: ['thread.yield', cancellable],
  13: ['subtask.drop', nothing],
  14: ['stream.new', type],
  15: ['stream.read', typeAndOptions],
  16: ['stream.write', typeAndOptions],
  17: ['stream.cancel-read', typeAndAsync],
  18: ['stream.cancel-write', typeAndAsync],
  19: ['stream.drop-readable', type],
  20: ['stream.drop-writable', type],
  21: ['future.new', type],
  22: ['future.read', typeAndOptions],
  23: ['future.write', typeAndOptions],
  24: ['future.cancel-read', typeAndAsync],
  25: ['future.cancel-write', typeAndAsync],
  26: ['future.drop-readable', type],
  27: ['future.drop-writable', type],
  28: ['error-context.new', options],
  29: ['error-context.debug-message', options],
  30: ['error-context.drop', nothing],
  31: ['waitable-set.new', nothing],
  32: ['waitable-set.wait', wait],
  33: ['waitable-set.poll', wait],
  34: ['waitable-set.drop', nothing],
  35: ['waitable.join', nothing],
  36: ['backpressure.inc', nothing],
  37: ['backpressure.dec', nothing],
  38: ['thread.index', nothing],
  39: ['thread.new-indirect', typeAndTable],
  40: ['thread.resume-later', nothing],
  41: ['thread.suspend', cancellable],
  42: ['thread.suspend-then-resume', cancellable],
  43: ['thread.yield-then-resume', cancellable],
  44: ['thread.suspend-then-promote', cancellable],
  45: ['thread.yield-then-promote', cancellable],
  64: ['thread.spawn-ref', sharedType],
  65: ['thread.spawn-indirect', sharedTypeAndTable],
  66: ['thread.available-parallelism', shared],
};

function readBuiltin(byte: number, reader: Reader): Builtin {
  const [name, read] = builtins[byte] ?? reader.unknown(byte, 'a canonical function');
  const none: Omit<Builtin, 'kind' | 'name'> = {
    type: undefined,
    result: undefined,
    options: undefined,
    memory: undefined,
    table: undefined,
    async: false,
    cancellable: false,
    slot: undefined,
  };
  return { kind: 'builtin', name, ...none, ...read(reader) };
}
