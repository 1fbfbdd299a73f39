// What of an app is loaded, each once: what triggers call, whatever number of them does.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import type { Target, TriggerType } from '../triggers/trigger.ts';

export interface LoadUnit {
  readonly key: string;
  readonly component: LockedComponent;
  /** Absolute paths. */
  readonly middleware: readonly string[];
  readonly callers: readonly UnitCaller[];
}

export interface UnitCaller {
  readonly type: TriggerType;
  readonly target: Target;
  /** Loading fails when the component has not the export that is called. */
  readonly isRequired: boolean;
}

export function unitKey(componentId: string, middleware: readonly string[] = []): string {
  return [componentId, ...middleware].join('\0');
}

export function unitsOf(app: LockedApp, types: readonly TriggerType[]): LoadUnit[] {
  const callers = new Map<string, Omit<UnitCaller, 'isRequired'>[]>();
  for (const type of types) {
    for (const target of type.targets(app)) {
      const key = unitKey(target.component.id, target.middleware);
      const known = callers.get(key) ?? [];
      // Several triggers of a type may name one target.
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
