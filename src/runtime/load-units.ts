// The parts of an app that are loaded, each once, however many triggers call it.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { LockedMiddleware } from '../app/locked-file.ts';
import type { Target, TriggerType } from '../triggers/trigger.ts';

export interface LoadUnit {
  readonly key: string;
  readonly component: LockedComponent;
  /** The middleware, the outermost first. */
  readonly middleware: readonly LockedMiddleware[];
  readonly callers: readonly UnitCaller[];
}

export interface UnitCaller {
  readonly type: TriggerType;
  readonly target: Target;
  /** Whether loading fails when the component does not export what is called. */
  readonly isRequired: boolean;
}

export function unitKey(componentId: string, middleware: readonly LockedMiddleware[] = []): string {
  return JSON.stringify([componentId, middleware.map(({ source, inherits }) => [source, inherits])]);
}

export function unitsOf(app: LockedApp, types: readonly TriggerType[]): LoadUnit[] {
  const callers = new Map<string, Omit<UnitCaller, 'isRequired'>[]>();
  for (const type of types) {
    for (const target of type.targets(app)) {
      const key = unitKey(target.component.id, target.middleware);
      const known = callers.get(key) ?? [];
      // A type is noted once, though several triggers of it may name one target.
      if (!known.some((caller) => caller.type === type)) callers.set(key, [...known, { type, target }]);
    }
  }
  return [...callers].map(([key, all]) => unitOf(key, all));
}

function unitOf(key: string, callers: readonly Omit<UnitCaller, 'isRequired'>[]): LoadUnit {
  const [first] = callers;
  if (!first) throw new Error('A unit has a caller');
  const { component, middleware } = first.target;
  const isAnyNamed = callers.some(({ target }) => target.isNamed);
  return {
    key,
    component,
    middleware,
    callers: callers.map((caller) => ({ ...caller, isRequired: caller.target.isNamed || !isAnyNamed })),
  };
}
