// What of an app is loaded: each component, and each chain of middleware with the component behind it.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';

export interface LoadUnit {
  readonly key: string;
  readonly component: LockedComponent;
  /** Absolute paths. */
  readonly middleware: readonly string[];
}

export function unitKey(componentId: string, middleware: readonly string[] = []): string {
  return [componentId, ...middleware].join('\0');
}

/** A component that is nothing but middleware could not be loaded alone: nobody gives it the handler that it imports. */
export function unitsOf(app: LockedApp): LoadUnit[] {
  const actions = app.triggers.flatMap(({ action }) => (action.kind === 'component' ? [action] : []));
  const targets = new Set(actions.map(({ component }) => component));
  const before = new Set(actions.flatMap(({ middleware = [] }) => middleware));
  const units = new Map<string, LoadUnit>();
  const add = (component: LockedComponent, middleware: readonly string[]): void => {
    const key = unitKey(component.id, middleware);
    units.set(key, { key, component, middleware });
  };
  for (const component of app.components) {
    if (targets.has(component.id) || !before.has(component.source)) add(component, []);
    for (const { component: id, middleware } of actions)
      if (id === component.id && middleware) add(component, middleware);
  }
  return [...units.values()];
}
