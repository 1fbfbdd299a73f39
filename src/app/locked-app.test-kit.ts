// Locked apps and components for tests that need only a few of their fields.
import { bareComponent } from './lock-alone.ts';
import type { LockedApp, LockedComponent, LockedVariable } from './locked-app.ts';

/** A component that has nothing and may do nothing, but for `overrides`. */
export function lockedComponent(overrides: Partial<LockedComponent> = {}): LockedComponent {
  return { ...bareComponent('test', '/test.wasm'), ...overrides };
}

/** An app without components and triggers, but for `overrides`. */
export function lockedApp(overrides: Partial<LockedApp> = {}): LockedApp {
  return {
    name: 'test',
    version: undefined,
    description: undefined,
    authors: [],
    origin: '/spin.toml',
    directory: '/',
    variables: {},
    triggers: [],
    components: [],
    settings: { limits: {} },
    ...overrides,
  };
}

/** A variable that need not have a value, but for `overrides`. */
export function lockedVariable(overrides: Partial<LockedVariable> = {}): LockedVariable {
  return { description: undefined, default: undefined, required: false, secret: false, ...overrides };
}
