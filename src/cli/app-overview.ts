// What the dashboard shows of an app: its triggers, and for each component what it may do and its limits. Values of variables,
// of the environment and of settings are not in it.
import type { LockedApp, LockedComponent } from '../app/locked-app.ts';
import { allLimits } from '../limits.ts';

export function overviewOf(app: LockedApp): object {
  const { name, version, description, triggers, components } = app;
  return {
    name,
    version,
    description,
    triggers: triggers.map((trigger) => {
      if (trigger.type !== 'http') return { type: trigger.type, component: trigger.component };
      const { action, route, only } = trigger;
      const component = action.kind === 'component' ? action.component : undefined;
      return { type: 'http', route: route ?? 'private', only, component };
    }),
    components: components.map((component) => componentOf(component, app)),
  };
}

function componentOf(component: LockedComponent, { settings }: LockedApp): object {
  const { id, description, script, allowedOutboundHosts, keyValueStores, sqliteDatabases, aiModels, files } = component;
  return {
    id,
    description,
    kind: script ? 'program' : 'component',
    permissions: {
      'outbound hosts': allowedOutboundHosts,
      'key-value stores': keyValueStores,
      'SQLite databases': sqliteDatabases,
      'AI models': aiModels,
      files: files.map(({ destination }) => destination + (component.settings.writableFiles ? ' (writable)' : '')),
      variables: Object.keys(component.variables),
      environment: Object.keys(component.environment),
    },
    limits: allLimits.map(([limit, { key, unit, of, default: usual }]) => {
      const set = component.settings.limits[limit] ?? settings.limits[limit];
      return { key, unit, of, value: set ?? usual, isSet: set !== undefined };
    }),
  };
}
