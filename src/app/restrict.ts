// A component with a part of its configuration, for one that is joined to it and inherits no more.
import type { InheritableKey, Inherited } from './inherited.ts';
import type { LockedComponent } from './locked-app.ts';

/** The component as it is for one that inherits only a part of its configuration. */
export function restrict(component: LockedComponent, inherited: Inherited): LockedComponent {
  if (inherited === 'all') return component;
  const has = (key: InheritableKey): boolean => inherited.includes(key);
  return {
    ...component,
    environment: has('environment') ? component.environment : {},
    variables: has('variables') ? component.variables : {},
    files: has('files') ? component.files : [],
    fileWarnings: [],
    allowedOutboundHosts: has('allowed_outbound_hosts') ? component.allowedOutboundHosts : [],
    keyValueStores: has('key_value_stores') ? component.keyValueStores : [],
    sqliteDatabases: has('sqlite_databases') ? component.sqliteDatabases : [],
    aiModels: has('ai_models') ? component.aiModels : [],
  };
}
