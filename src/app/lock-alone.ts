// The locked app of something that has no manifest: a component, a source file, or texts in memory. It is served at `/...`,
// without any permission.
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { interpretedBy } from './interpreted.ts';
import { lockSettings } from './lock-parts.ts';
import type { LockedApp, LockedComponent, LockedScript } from './locked-app.ts';
import type { Origin } from './manifest/read.ts';
import { kebabIdFault, toKebab } from './names.ts';

/** What an app without a manifest may have all the same. */
export type AloneOptions = Partial<
  Pick<LockedComponent, 'allowedOutboundHosts' | 'keyValueStores' | 'sqliteDatabases' | 'aiModels'>
>;

export function lockAlone({ kind, file }: Exclude<Origin, { readonly kind: 'manifest' }>): LockedApp {
  const name = basename(file).replace(/\.\w+$/, '');
  const called = name === 'index' || name === 'main' ? basename(dirname(file)) : name;
  if (kind === 'interpreted') return lockInterpreted(called, file);
  return kind === 'wasm' ? lockFile(called, file) : lockFile(called, file, { entry: file });
}

/** The app of a program for an interpreter, which sees the folder of the program and may not write there. */
function lockInterpreted(called: string, file: string): LockedApp {
  const { source, argv, environment } = interpretedBy(file);
  const files = [{ kind: 'directory', source: realpathSync(dirname(file)), destination: '/' }] as const;
  const app = lockFile(called, file, undefined, { source, environment, files });
  const triggers = app.triggers.map((trigger) =>
    trigger.type === 'http' && trigger.action.kind === 'component'
      ? { ...trigger, action: { ...trigger.action, wagi: { argv } } }
      : trigger,
  );
  return { ...app, triggers };
}

/** The app of a program that stands in no file; it may read the variables of these names. */
export function lockModules(script: LockedScript, variables: readonly string[], options: AloneOptions = {}): LockedApp {
  const app = lockFile('script', process.cwd(), script, {
    ...options,
    variables: Object.fromEntries(variables.map((name) => [name, `{{ ${name} }}`])),
  });
  const declared = { description: undefined, default: undefined, required: true, secret: true };
  return { ...app, variables: Object.fromEntries(variables.map((name) => [name, declared])) };
}

function lockFile(
  called: string,
  file: string,
  script?: LockedScript,
  options: Partial<LockedComponent> = {},
): LockedApp {
  const name = toKebab(called);
  const id = kebabIdFault(name) ? 'component' : name;
  return {
    name: id,
    version: undefined,
    description: undefined,
    authors: [],
    origin: file,
    directory: dirname(file),
    variables: {},
    triggers: [{ type: 'http', id: `${id}-http-trigger`, route: '/...', action: { kind: 'component', component: id } }],
    components: [{ ...bareComponent(id, file), ...(script && { script }), ...options }],
    settings: { limits: {} },
  };
}

/** A component of a file that has nothing and may do nothing. */
export function bareComponent(id: string, source: string): LockedComponent {
  return {
    id,
    description: undefined,
    source,
    environment: {},
    variables: {},
    files: [],
    allowedOutboundHosts: [],
    keyValueStores: [],
    sqliteDatabases: [],
    aiModels: [],
    build: undefined,
    location: undefined,
    settings: lockSettings(undefined),
  };
}
