// The parts of an app that HTTP requests may reach: each component, and each chain of middleware with the component
// behind it.
import { type LockedApp, triggersOf } from '../../app/locked-app.ts';
import type { LockedHttpTrigger } from '../../app/manifest/triggers/http.ts';
import type { Target } from '../trigger.ts';

type ComponentAction = Extract<LockedHttpTrigger['action'], { kind: 'component' }>;

/**
 * Lists the targets. A component without a trigger is reached by service chaining. One that is only middleware could
 * not be loaded alone, since nobody gives it the handler that it imports; one that is only a dependency answers nothing.
 */
export function httpTargets(app: LockedApp): Target[] {
  const actions = componentActions(app);
  const named = new Set(actions.map(({ component }) => component));
  const before = new Set(
    [
      ...actions.flatMap(({ middleware = [] }) => middleware),
      ...app.components.flatMap(({ dependencies = [] }) => dependencies),
    ].map(({ source }) => source),
  );
  return app.components.flatMap((component) => {
    const isNamed = named.has(component.id);
    const alone = isNamed || !before.has(component.source) ? [{ component, middleware: [], isNamed }] : [];
    const chains = actions.flatMap(({ component: id, middleware }) =>
      id === component.id && middleware ? [{ component, middleware, isNamed }] : [],
    );
    return [...alone, ...chains];
  });
}

/** Whether a trigger of the app wants the component run as a CGI program. */
export function wantsCommand(app: LockedApp, id: string): boolean {
  return componentActions(app).some(({ component, wagi }) => component === id && wagi);
}

function componentActions(app: LockedApp): ComponentAction[] {
  return triggersOf(app, 'http').flatMap(({ action }) => (action.kind === 'component' ? [action] : []));
}
