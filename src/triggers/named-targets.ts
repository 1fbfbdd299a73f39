// The components that triggers of a type name: those that such a trigger calls, and no other.
import type { LockedApp } from '../app/locked-app.ts';
import type { LockedTrigger } from '../app/manifest/triggers/all.ts';
import type { Target } from './trigger.ts';

export function namedTargets(app: LockedApp, type: LockedTrigger['type']): Target[] {
  const named = new Set(
    app.triggers.flatMap((trigger) => (trigger.type === type && 'component' in trigger ? [trigger.component] : [])),
  );
  return app.components
    .filter(({ id }) => named.has(id))
    .map((component) => ({ component, middleware: [], isNamed: true }));
}
