// The limits of the place where an app runs hold over those of its manifest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedComponent } from '../app/locked-app.test-kit.ts';
import { limitsOf } from '../limits.ts';
import { withMaximumMemory } from './limits.ts';

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
