// What a service keeps for a call counts, piece by piece, until it is given back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostByteBudget } from '../component/types/host-byte-budget.ts';
import { Trap } from '../errors.ts';
import { GuestCall } from './guest-call.ts';

test('pieces add up, to the limit and no further, and all of them are given back together', () => {
  const hostBytes = new HostByteBudget(1_000);
  const call = new GuestCall({ signal: new AbortController().signal, hostBytes });
  assert.equal(call.keepsAnything, false);
  for (const [bytes, sum] of [
    [400, 400],
    [500, 900],
    [-200, 700],
    [300, 1_000],
  ] as const) {
    call.keep(bytes);
    assert.equal(hostBytes.bytes, sum);
  }
  assert.equal(call.keepsAnything, true);
  assert.throws(() => call.keep(1), Trap);
  assert.equal(hostBytes.bytes, 1_000);
  call.release();
  assert.equal(hostBytes.bytes, 0);
});
