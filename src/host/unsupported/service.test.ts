// Interfaces of Spin that Mayfly has not can be imported, and end the guest when they are called.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callExport, instantiatePlan, linkText } from '../../../test/support/wat.ts';
import { HostRegistry } from '../../component/link/host-registry.ts';
import { Trap } from '../../errors.ts';
import { createUnsupportedService } from './service.ts';

const registry = new HostRegistry([], [], (name) => createUnsupportedService().standIn?.(name));
const context = { state: () => undefined };

/** Imports a resource and functions of a store; `quiet` calls none of them, `count` one. */
const guest = (name: string): string => `(component
  (import "${name}" (instance $kv
    (export "store" (type $store (sub resource)))
    (export "count" (func (result u32)))
    (export "[static]store.open" (func (param "label" u32) (result (own $store))))))
  (alias export $kv "store" (type $store))
  (core func $count (canon lower (func $kv "count")))
  (core func $open (canon lower (func $kv "[static]store.open")))
  (core func $drop (canon resource.drop $store))
  (core module $m
    (import "h" "count" (func $count (result i32)))
    (import "h" "open" (func $open (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (func (export "quiet") (result i32) (i32.const 7))
    (func (export "count") (result i32) (call $count))
    (func (export "open") (result i32) (call $drop (call $open (i32.const 1))) (i32.const 0)))
  (core instance $i (instantiate $m (with "h" (instance
    (export "count" (func $count)) (export "open" (func $open)) (export "drop" (func $drop))))))
  (func (export "quiet") (result u32) (canon lift (core func $i "quiet")))
  (func (export "count") (result u32) (canon lift (core func $i "count")))
  (func (export "open") (result u32) (canon lift (core func $i "open"))))`;

test('a component may import what Spin has and Mayfly has not, as long as it does not call it', async () => {
  for (const name of ['spin:key-value/key-value@3.0.0', 'fermyon:spin/llm@2.0.0', 'wasi:keyvalue/store@0.2.0-draft2']) {
    const plan = await linkText(guest(name), registry);
    assert.equal(callExport(instantiatePlan(plan, { context }), 'quiet'), 7);
    assert.deepEqual(plan.imports, [name]);
    assert.ok(registry.isStandIn(name));
  }
});

test('a call of it ends the guest, and the function is named', async () => {
  const plan = await linkText(guest('spin:key-value/key-value@3.0.0'), registry);
  for (const [run, called] of [
    ['count', 'count'],
    ['open', '[static]store.open'],
  ] as const) {
    assert.throws(
      () => callExport(instantiatePlan(plan, { context }), run),
      (error: unknown) => {
        assert.ok(error instanceof Trap);
        assert.ok(error.message.includes(`"spin:key-value/key-value@3.0.0 ${called}"`), error.message);
        return true;
      },
    );
  }
});

test('what is unknown is refused as before, and what the host has is no stand-in', async () => {
  await assert.rejects(linkText(guest('test:key-value/key-value@3.0.0'), registry), {
    code: 'component-import-missing',
  });
  await assert.rejects(linkText(guest('wasi:absent/store@0.2.0'), registry), { code: 'component-import-missing' });
  const name = 'spin:key-value/key-value@3.0.0';
  const own = { name: 'spin:key-value/key-value', version: '3.0.0', functions: {}, resources: {}, service: 's' };
  const having = new HostRegistry([own], [], (wanted) => createUnsupportedService().standIn?.(wanted));
  assert.equal(having.find(name), own);
  assert.equal(having.isStandIn(name), false);
});
