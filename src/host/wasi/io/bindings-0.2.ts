// wasi:io@0.2: error, poll and streams. operations.ts has what the functions do.
import { defineInterface, lending, resource, suspending } from '../../service.ts';
import type { HostObject, ObjectOwner } from './host-object.ts';
import * as io from './operations.ts';

const drop = (_owner: ObjectOwner, object: HostObject): void => object.drop();

const errorResource = resource('error');
export const pollableResource = resource('pollable', drop);
export const inputStreamResource = resource('input-stream', drop);
export const outputStreamResource = resource('output-stream', drop);

const errorInterface = defineInterface<ObjectOwner>('wasi', 'wasi:io/error', '0.2.12', {
  resources: [errorResource],
  functions: { '[method]error.to-debug-string': io.toDebugString },
});

const pollInterface = defineInterface<ObjectOwner>('wasi', 'wasi:io/poll', '0.2.12', {
  resources: [pollableResource],
  functions: {
    '[method]pollable.ready': io.isReady,
    '[method]pollable.block': suspending(io.block),
    poll: suspending(io.poll),
  },
});

const streamsInterface = defineInterface<ObjectOwner>('wasi', 'wasi:io/streams', '0.2.12', {
  resources: [inputStreamResource, outputStreamResource],
  functions: {
    '[method]input-stream.read': lending(io.read, io.releaseRead),
    '[method]input-stream.blocking-read': lending(suspending(io.blockingRead), io.releaseRead),
    '[method]input-stream.skip': io.skip,
    '[method]input-stream.blocking-skip': suspending(io.blockingSkip),
    '[method]input-stream.subscribe': io.subscribe,
    '[method]output-stream.check-write': io.checkWrite,
    '[method]output-stream.write': io.write,
    '[method]output-stream.write-zeroes': io.writeZeroes,
    '[method]output-stream.blocking-write-and-flush': suspending(io.blockingWriteAndFlush),
    '[method]output-stream.blocking-write-zeroes-and-flush': suspending(io.blockingWriteZeroesAndFlush),
    '[method]output-stream.flush': io.flush,
    '[method]output-stream.blocking-flush': suspending(io.blockingFlush),
    '[method]output-stream.subscribe': io.subscribe,
    '[method]output-stream.splice': io.splice,
    '[method]output-stream.blocking-splice': suspending(io.blockingSplice),
  },
});

export const ioInterfaces = [errorInterface, pollInterface, streamsInterface];
