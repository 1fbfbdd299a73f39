// A component with a part of its configuration, for one that is joined to it and inherits no more.
import type { InheritableKey, Inherited } from './inherited.ts';
import type { LockedComponent } from './locked-app.ts';

/** What a part of a composition has. */
export interface PartConfiguration {
  readonly inherits: Inherited;
  /** Environment variables of its own, which take precedence. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** The component as it is for a part that inherits only some of its configuration. */
export function restrict(
  component: LockedComponent,
  { inherits, environment = {} }: PartConfiguration,
): LockedComponent {
  const hasOwn = Object.keys(environment).length > 0;
  if (inherits === 'all') {
    return hasOwn ? { ...component, environment: { ...component.environment, ...environment } } : component;
  }
  const has = (key: InheritableKey): boolean => inherits.includes(key);
  return {
    ...component,
    isPart: true,
    environment: { ...(has('environment') ? component.environment : {}), ...environment },
    variables: has('variables') ? component.variables : {},
    files: has('files') ? component.files : [],
    fileWarnings: [],
    allowedOutboundHosts: has('allowed_outbound_hosts') ? component.allowedOutboundHosts : [],
    keyValueStores: has('key_value_stores') ? component.keyValueStores : [],
    sqliteDatabases: has('sqlite_databases') ? component.sqliteDatabases : [],
    aiModels: has('ai_models') ? component.aiModels : [],
  };
}
