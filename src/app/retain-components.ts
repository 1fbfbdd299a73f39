// Leaves some components of a locked app, with their triggers: what `--component-id` of `mayfly up` asks for.
import { MayflyError } from '../errors.ts';
import type { LockedApp, LockedComponent } from './locked-app.ts';
import type { LockedTrigger } from './manifest/triggers/all.ts';
import { nearest } from './suggest.ts';

/** Throws `usage` for an id that the app does not have, and where a component that stays may call one that goes. */
export function retainComponents(app: LockedApp, ids: readonly string[]): LockedApp {
  if (ids.length === 0) return app;
  for (const id of ids) if (!app.components.some((component) => component.id === id)) throw unknownComponent(app, id);
  const components = app.components.filter(({ id }) => ids.includes(id));
  for (const component of components) checkCalls(component, ids);
  const triggers = app.triggers.filter((trigger) => callsOnly(trigger, ids));
  return { ...app, components, triggers };
}

/** The error for an id that no component of the app has. */
export function unknownComponent({ components }: LockedApp, id: string): MayflyError {
  const ids = components.map((component) => component.id);
  const meant = nearest(id, ids);
  return new MayflyError('usage', `The app has no component "${id}"`, {
    hint: meant ? `Did you mean '${meant}'?` : `There are: ${ids.join(', ')}`,
  });
}

/** Triggers of all types name the component that they call, those of HTTP in their action. */
function callsOnly(trigger: LockedTrigger, ids: readonly string[]): boolean {
  const { action, component } = trigger as { action?: { component?: string }; component?: string };
  const called = action?.component ?? component;
  return called !== undefined && ids.includes(called);
}

function checkCalls({ id, allowedOutboundHosts }: LockedComponent, ids: readonly string[]): void {
  for (const entry of allowedOutboundHosts) {
    const called = /^https?:\/\/([^./]+)\.spin\.internal(?::\d+)?\/?$/.exec(entry)?.[1];
    if (called === undefined || called === '*' || ids.includes(called)) continue;
    throw new MayflyError('usage', `The component "${id}" may call "${called}", which is left out`, {
      hint: `Add '--component-id ${called}'`,
    });
  }
}
