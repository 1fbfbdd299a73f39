// wasi:io 0.2.0-rc-2023-10-18: errors stand beside the streams, and polls have other names.
import { ok } from '../../../component/types/val-type.ts';
import { defineInterface, lending, resource, suspending } from '../../service.ts';
import type { HostObject, ObjectOwner } from '../io/host-object.ts';
import * as io from '../io/operations.ts';
import type { GuestInputStream, GuestOutputStream } from '../io/resources.ts';
import { RC_2023_10_18 } from './versions.ts';

type Owner = ObjectOwner;
type Input = GuestInputStream;
type Output = GuestOutputStream;

const drop = (_owner: Owner, object: HostObject): void => object.drop();

const poll = defineInterface<Owner>('wasi', 'wasi:io/poll', RC_2023_10_18, {
  resources: [resource('pollable', drop)],
  functions: { 'poll-list': suspending(io.poll), 'poll-one': suspending(io.block) },
});

/** Splices. The guest gives the source's handle away: it is closed afterwards, whatever is left in it. */
function splice(owner: Owner, self: Output, source: Input, length: bigint): io.StreamResult<bigint> {
  const result = io.splice(owner, self, source, length);
  source.release();
  return result;
}

async function blockingSplice(
  owner: Owner,
  self: Output,
  source: Input,
  length: bigint,
): Promise<io.StreamResult<bigint>> {
  const result = await io.blockingSplice(owner, self, source, length);
  source.release();
  return result;
}

const FORWARD_STEP = 65_536n;

/** Splices until the source ends, which is a success; gives the number of bytes. */
async function forward(owner: Owner, self: Output, source: Input): Promise<io.StreamResult<bigint>> {
  let total = 0n;
  for (;;) {
    const result = await io.blockingSplice(owner, self, source, FORWARD_STEP);
    if (result.tag === 'ok') {
      total += result.val;
      continue;
    }
    const ended = result.val.tag === 'closed' && source.ended;
    source.release();
    return ended ? ok(total) : result;
  }
}

const streams = defineInterface<Owner>('wasi', 'wasi:io/streams', RC_2023_10_18, {
  resources: [resource('error'), resource('input-stream', drop), resource('output-stream', drop)],
  functions: {
    '[method]error.to-debug-string': io.toDebugString,
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
    '[method]output-stream.splice': splice,
    '[method]output-stream.blocking-splice': suspending(blockingSplice),
    '[method]output-stream.forward': suspending(forward),
  },
});

export const io20231018 = [poll, streams];
