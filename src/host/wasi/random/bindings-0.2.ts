// wasi:random@0.2: random, insecure and insecure-seed; the insecure ones are just as random.
import { freeBytes } from '../../../component/types/byte-buffers.ts';
import { defineInterface, lending } from '../../service.ts';
import { randomBytes, randomU64 } from './random.ts';

const random = defineInterface<unknown>('wasi', 'wasi:random/random', '0.2.12', {
  functions: {
    'get-random-bytes': lending((_state: unknown, length: bigint) => randomBytes(length), freeBytes),
    'get-random-u64': () => randomU64(),
  },
});

const insecure = defineInterface<unknown>('wasi', 'wasi:random/insecure', '0.2.12', {
  functions: {
    'get-insecure-random-bytes': lending((_state: unknown, length: bigint) => randomBytes(length), freeBytes),
    'get-insecure-random-u64': () => randomU64(),
  },
});

const insecureSeed = defineInterface<unknown>('wasi', 'wasi:random/insecure-seed', '0.2.12', {
  functions: { 'insecure-seed': () => [randomU64(), randomU64()] },
});

export const randomInterfaces = [random, insecure, insecureSeed];
