// The limits of the place where an app runs hold over those of its manifest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedComponent } from '../app/locked-app.test-kit.ts';
import type { LimitLines } from '../app/locked-app.ts';
import { limitsOf } from '../limits.ts';
import { DEFAULT_STACK_BYTES } from '../sandbox/stack-size.ts';
import { longestSlice, stackBytes, withLimits, withMaximumMemory, withoutTimeLimits } from './limits.ts';

const MiB = 2 ** 20;

function memories(ofApp: number | undefined, ofComponent: number | undefined, maximum: number | undefined): number {
  const limits = (memoryBytes: number | undefined) => (memoryBytes === undefined ? {} : { memoryBytes });
  const one = lockedComponent();
  const component = { ...one, settings: { ...one.settings, limits: limits(ofComponent) } };
  const app = { ...lockedApp({}), settings: { limits: limits(ofApp) }, components: [component] };
  const { components, settings } = withMaximumMemory(app, maximum);
  return limitsOf('sandbox', components[0]?.settings.limits ?? {}, settings.limits).memoryBytes / MiB;
}

test('max_instance_memory lowers what a manifest asks for, and stands where it asks for nothing', () => {
  assert.equal(memories(undefined, undefined, undefined), 256);
  assert.equal(memories(undefined, undefined, 512 * MiB), 512);
  assert.equal(memories(undefined, undefined, 16 * MiB), 16);
  assert.equal(memories(64 * MiB, undefined, 512 * MiB), 64);
  assert.equal(memories(64 * MiB, undefined, 16 * MiB), 16);
  assert.equal(memories(64 * MiB, 128 * MiB, 96 * MiB), 96);
  assert.equal(memories(16 * MiB, 32 * MiB, 96 * MiB), 32);
});

const lines = { memory: 'memory = "1MiB"', wall: 'wall = "1s"' } as unknown as LimitLines;

test('limits of the command line hold over those of the application, whose lines for them count no more', () => {
  const settings = { limits: { memoryBytes: 5, wallMs: 7 }, limitLines: lines };
  const changed = withLimits({ ...lockedApp(), settings }, { memoryBytes: 9 });
  assert.deepEqual(changed.settings.limits, { memoryBytes: 9, wallMs: 7 });
  assert.deepEqual(Object.keys(changed.settings.limitLines ?? {}), ['wall']);
  assert.deepEqual(withLimits({ ...lockedApp(), settings }).settings, settings);
  assert.deepEqual(withLimits(lockedApp(), { wallMs: 1 }).settings, { limits: { wallMs: 1 } });
});

test('the line of a limit counts as long as it says what holds', () => {
  const ofComponent = (memoryBytes: number | undefined, maximum: number) => {
    const one = lockedComponent();
    const limits = memoryBytes === undefined ? {} : { memoryBytes };
    const component = { ...one, settings: { ...one.settings, limits, limitLines: lines } };
    const app = { ...lockedApp({ components: [component] }), settings: { limits: {}, limitLines: lines } };
    const { components, settings } = withMaximumMemory(app, maximum);
    return [components[0]?.settings.limitLines, settings.limitLines].map((all) => Object.keys(all ?? {}).join());
  };
  assert.deepEqual(ofComponent(9, 9), ['memory,wall', 'wall']);
  assert.deepEqual(ofComponent(10, 9), ['wall', 'wall']);
  assert.deepEqual(ofComponent(undefined, 9), ['wall', 'wall']);
});

test('a guest at a breakpoint has all the time that a timer can have', () => {
  const one = lockedComponent();
  const settings = { ...one.settings, limits: { memoryBytes: 5, wallMs: 7, cpuMs: 7, cpuSliceMs: 7, queueMs: 7 } };
  const { components } = withoutTimeLimits(lockedApp({ components: [{ ...one, settings }] }));
  const never = 2 ** 31 - 1;
  const limits = { memoryBytes: 5, wallMs: never, cpuMs: never, cpuSliceMs: never, queueMs: never };
  assert.deepEqual(components[0]?.settings.limits, limits);
});

test('the longest slice is that of the component that may hold the thread longest', () => {
  const slice = (cpuSliceMs: number | undefined) => {
    const one = lockedComponent();
    return { ...one, settings: { ...one.settings, limits: cpuSliceMs === undefined ? {} : { cpuSliceMs } } };
  };
  const app = lockedApp({ components: [slice(5), slice(70), slice(20)] });
  assert.equal(longestSlice(app), 70);
  assert.equal(
    longestSlice({ ...lockedApp({ components: [slice(undefined)] }), settings: { limits: { cpuSliceMs: 9 } } }),
    9,
  );
  assert.equal(longestSlice(lockedApp()), 0);
});

test('a stack is only asked for where the engine gives more than the app wants', () => {
  const app = (bytes: number | undefined) => ({
    ...lockedApp({ components: [lockedComponent()] }),
    settings: { limits: bytes === undefined ? {} : { stackBytes: bytes } },
  });
  assert.equal(stackBytes(app(DEFAULT_STACK_BYTES)), undefined);
  assert.equal(stackBytes(app(DEFAULT_STACK_BYTES + 1)), undefined);
  assert.equal(stackBytes(app(DEFAULT_STACK_BYTES - 1)), DEFAULT_STACK_BYTES - 1);
});
