// Makes a locked app of a manifest: reads it, checks everything at once, and resolves references. No socket is opened,
// and no wasm is looked at.
import { basename, dirname, resolve } from 'node:path';
import { lockBuild, lockHosts, lockLimits, lockSettings } from './lock-parts.ts';
import type { LockedApp, LockedComponent } from './locked-app.ts';
import { checkSchema } from './manifest/check-schema.ts';
import { type CheckedFiles, checkFiles } from './manifest/checks/files.ts';
import { checkHosts } from './manifest/checks/hosts.ts';
import { checkNames } from './manifest/checks/names.ts';
import { checkSettings } from './manifest/checks/settings.ts';
import { checkStores } from './manifest/checks/stores.ts';
import { checkHasTrigger, checkTriggers, findTriggerFiles } from './manifest/checks/triggers.ts';
import { checkUnsupported, reportOldManifest } from './manifest/checks/unsupported.ts';
import { checkVariables } from './manifest/checks/variables.ts';
import type { ManifestComponent } from './manifest/component-schema.ts';
import {
  asTable,
  type ComponentEntry,
  type Entries,
  entriesOf,
  type TriggerEntry,
  type TriggerPlace,
} from './manifest/document.ts';
import { gatherProblems } from './manifest/problems.ts';
import { findOrigin, type ManifestSource, readManifest } from './manifest/read.ts';
import type { Manifest } from './manifest/schema.ts';
import { type LockedTrigger, lockTrigger, manifestTriggers } from './manifest/triggers/all.ts';
import type { ParsedTrigger } from './manifest/triggers/trigger-type.ts';
import { kebabIdFault, toKebab } from './names.ts';
import { defaultRuntimeConfig, filesOf, type RuntimeConfig } from './runtime-config/runtime-config.ts';

export interface LockOptions {
  /**
   * What the app is locked for. With `run` (the default) everything that the manifest names must be there and be
   * supported. With `build` sources and mounts may still be missing, and features that Mayfly cannot run do not matter.
   */
  readonly purpose?: 'run' | 'build';
  /** Where the app is to run: it has the stores and databases that the manifest may name. */
  readonly runtimeConfig?: RuntimeConfig | undefined;
}

/**
 * Locks the app of a `spin.toml`, of its folder, or of a bare `.wasm` file, which is then served at `/...`. Rejects
 * with `manifest-missing`, `manifest-syntax`, the one mistake that there is, or `manifest-invalid` with all of them.
 */
export async function lockApp(path: string, options: LockOptions = {}): Promise<LockedApp> {
  const { purpose = 'run', runtimeConfig = defaultRuntimeConfig() } = options;
  const origin = findOrigin(path);
  if (origin.kind === 'wasm') return lockWasm(origin.file);
  const source = readManifest(origin.file);
  const problems = gatherProblems(source);
  if (reportOldManifest(source.document, problems)) problems.throwIfAny();

  const entries = entriesOf(source.document);
  const manifest = checkSchema(source, problems);
  checkNames(source.document, entries, problems);
  checkTriggers(source.document, entries, problems);
  checkHosts(entries, problems);
  checkVariables(source.document, entries, problems);
  checkSettings(entries, problems);
  let found: Found = { files: new Map(), ofTriggers: new Map() };
  if (purpose === 'run') {
    checkHasTrigger(source.document, problems);
    checkUnsupported(source.document, entries, problems);
    checkStores(entries, runtimeConfig, problems);
    found = {
      files: checkFiles(source.directory, source.file, entries, filesOf(runtimeConfig), problems),
      ofTriggers: findTriggerFiles(source.directory, entries, problems),
    };
  }
  problems.throwIfAny();
  return lockManifest(manifest!, source, entries, found);
}

/** The files that were found: mounts by component, and paths that triggers name by trigger. */
interface Found {
  readonly files: ReadonlyMap<string, CheckedFiles>;
  readonly ofTriggers: ReadonlyMap<string, readonly string[]>;
}

function lockWasm(file: string): LockedApp {
  const name = toKebab(basename(file, '.wasm'));
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
    components: [
      {
        id,
        description: undefined,
        source: file,
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
      },
    ],
    settings: { limits: {} },
  };
}

function lockManifest(
  manifest: Manifest,
  source: ManifestSource,
  entries: Entries,
  { files, ofTriggers }: Found,
): LockedApp {
  const { application } = manifest;
  return {
    name: application.name,
    version: application.version,
    description: application.description,
    authors: application.authors ?? [],
    origin: source.file,
    directory: source.directory,
    variables: lockVariables(manifest, source),
    triggers: entries.triggers.flatMap((entry) => lockedTriggers(entry, manifest, ofTriggers.get(entry.id))),
    // Inline components of unsupported triggers are not in the schema, and nothing runs them.
    components: entries.components
      .filter(isTyped)
      .map((entry) => lockComponent(entry, manifest, source, files.get(entry.id))),
    settings: { limits: lockLimits(application.tool?.mayfly?.limits) },
  };
}

function lockVariables(manifest: Manifest, source: ManifestSource): LockedApp['variables'] {
  const entries = Object.entries(manifest.variables ?? {}).map(([name, variable]) => [
    name,
    {
      description: variable.description,
      default: variable.default,
      required: variable.required ?? false,
      secret: variable.secret ?? false,
      location: { file: source.file, ...source.positions.key(['variables', name]) },
    },
  ]);
  return Object.fromEntries(entries);
}

/** The locked trigger; none for an unsupported one, which was reported where it matters. */
function lockedTriggers(entry: TriggerEntry, manifest: Manifest, files?: readonly string[]): LockedTrigger[] {
  const application = asTable(manifest.application.trigger?.[entry.type]) ?? {};
  const locked = lockTrigger(entry, parsedTrigger(entry, manifest), files, application);
  return locked ? [locked] : [];
}

function parsedTrigger({ type, index }: TriggerPlace, manifest: Manifest): ParsedTrigger {
  return manifest.trigger[type]?.[index] ?? {};
}

function lockComponent(
  entry: ComponentEntry,
  manifest: Manifest,
  source: ManifestSource,
  found: CheckedFiles | undefined,
): LockedComponent {
  const component = componentAt(entry, manifest);
  return {
    id: entry.id,
    description: component.description,
    source: typeof component.source === 'string' ? resolve(source.directory, component.source) : '',
    environment: { ...component.environment },
    variables: { ...component.variables },
    files: found?.mounts ?? [],
    ...(found && found.warnings.length > 0 ? { fileWarnings: found.warnings } : {}),
    allowedOutboundHosts: lockHosts(component),
    keyValueStores: component.key_value_stores ?? [],
    sqliteDatabases: component.sqlite_databases ?? [],
    aiModels: component.ai_models ?? [],
    build: lockBuild(component.build, source.directory),
    location: { file: source.file, ...source.positions.key(entry.path) },
    settings: lockSettings(component.tool?.mayfly),
  };
}

function isTyped({ trigger }: ComponentEntry): boolean {
  return !trigger || manifestTriggers.some(({ type }) => type === trigger.type);
}

function componentAt({ id, trigger }: ComponentEntry, manifest: Manifest): ManifestComponent {
  const component = trigger ? parsedTrigger(trigger, manifest).component : manifest.component?.[id];
  if (component === undefined || typeof component === 'string') throw new Error(`There is no component "${id}"`);
  return component;
}
