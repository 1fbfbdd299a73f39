// What wasi:http keeps for a guest counts for as long as it is kept, and no longer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { Trap } from '../../../errors.ts';
import { Fields } from './fields.ts';
import { OutgoingBody } from './outgoing-body.ts';
import { dropOutgoingRequest, headers, OutgoingRequest } from './outgoing-request.ts';
import { type HttpOwner, RequestHttpLimits } from './state.ts';

const HELD = 10_000;
const value = new Uint8Array(1000).fill(120);
const overLimit = (error: unknown): boolean =>
  error instanceof Trap && /Limit reached: held \(10000 bytes\)/.test(error.message);

function owner(): HttpOwner & { readonly httpLimits: RequestHttpLimits } {
  return {
    open: new Set(),
    configured: { sendRequest: undefined },
    httpLimits: new RequestHttpLimits(new HostByteBudget(HELD)),
  };
}

/** Everything was given back when all of the limit can be taken again. */
function assertEmpty({ httpLimits: { held } }: { readonly httpLimits: RequestHttpLimits }): void {
  held.add(HELD);
  assert.throws(() => held.add(1), overLimit);
}

test('many fields together: set, deleted, cloned and dropped', () => {
  const guest = owner();
  const make = (): Fields => {
    const fields = Fields.empty(guest.httpLimits);
    fields.append('x', value);
    return fields;
  };
  const made: Fields[] = [];
  assert.throws(() => {
    for (;;) made.push(make());
  }, overLimit);
  assert.equal(made.length, 9);
  made.pop()?.release();
  made.push((made[0] as Fields).clone(guest.httpLimits));
  assert.throws(() => (made[0] as Fields).clone(guest.httpLimits), overLimit);
  for (const fields of made) fields.delete('x');
  for (const fields of made) fields.release();
});

test('fields of a message count until the message goes, whoever drops a handle on them', () => {
  const guest = owner();
  for (let turn = 0; turn < 100; turn++) {
    const fields = Fields.empty(guest.httpLimits);
    fields.append('x', value);
    const request = new OutgoingRequest(fields);
    headers(guest, request).release();
    assert.throws(() => guest.httpLimits.held.add(HELD - 900), overLimit);
    dropOutgoingRequest(guest, request);
  }
  assertEmpty(guest);
});

test('bodies count what nobody has read', async () => {
  const guest = owner();
  const body = new OutgoingBody(guest, 'request', undefined);
  const stream = body.write();
  assert.ok(stream.tag === 'ok');
  const source = body.source();
  for (let turn = 0; turn < 50; turn++) {
    stream.val.stream.write(new Uint8Array(5000));
    assert.equal((await source.read())?.length, 5000);
  }
  stream.val.stream.write(new Uint8Array(9000));
  assert.throws(() => stream.val.stream.write(new Uint8Array(2000)), overLimit);
  source.cancel();
  assertEmpty(guest);
});
