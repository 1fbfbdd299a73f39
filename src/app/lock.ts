// Makes a locked app of a manifest: reads it, checks everything at once, and resolves references. No socket is opened,
// and no wasm is looked at.

import { resolve } from 'node:path';
import type { MayflyError } from '../errors.ts';
import { lockAlone } from './lock-alone.ts';
import { type FileContext, lockDependencies, lockSource } from './lock-files.ts';
import { lockBuild, lockHosts, lockLimits, lockSettings } from './lock-parts.ts';
import type { LimitLines, LockedApp, LockedComponent, LockedScript, LockedWarning } from './locked-app.ts';
import { checkSchema } from './manifest/check-schema.ts';
import { checkDependencies } from './manifest/checks/dependencies.ts';
import { type CheckedFiles, checkFiles } from './manifest/checks/files.ts';
import { checkHosts } from './manifest/checks/hosts.ts';
import { checkNames } from './manifest/checks/names.ts';
import { checkRemoteSources } from './manifest/checks/remote-sources.ts';
import { checkSettings } from './manifest/checks/settings.ts';
import { checkStores } from './manifest/checks/stores.ts';
import { checkHasTrigger, checkTriggers } from './manifest/checks/triggers.ts';
import { checkUnsupported } from './manifest/checks/unsupported.ts';
import { checkVariables } from './manifest/checks/variables.ts';
import type { ManifestComponent } from './manifest/component-schema.ts';
import {
  asTable,
  type ComponentEntry,
  type Entries,
  entriesOf,
  type Table,
  type TriggerEntry,
  type TriggerPlace,
} from './manifest/document.ts';
import { gatherProblems } from './manifest/problems.ts';
import { withProfile } from './manifest/profile.ts';
import { findOrigin, type ManifestSource, readManifest } from './manifest/read.ts';
import type { Manifest } from './manifest/schema.ts';
import { type LockedTrigger, lockTrigger, settleTriggers, typeOf } from './manifest/triggers/all.ts';
import type { ParsedTrigger } from './manifest/triggers/trigger-type.ts';
import { asVersion2 } from './manifest/version.ts';
import { defaultRuntimeConfig, filesOf, type RuntimeConfig } from './runtime-config/runtime-config.ts';
import { isScriptFile } from './script-file.ts';
import { manifestFile } from './toml/file-kind.ts';
import type { KeyPath } from './toml/positions.ts';

export interface LockOptions {
  /**
   * What the app is locked for. With `run` (the default) everything that the manifest names must be there and be
   * supported. With `build` sources and mounts may still be missing, and features that Mayfly cannot run do not matter.
   */
  readonly purpose?: 'run' | 'build';
  /** Where the app is to run: it has the stores and databases that the manifest may name. */
  readonly runtimeConfig?: RuntimeConfig | undefined;
  /** The name of the profile that counts; it must be one of the app's. */
  readonly profile?: string | undefined;
  /** Whether what is only warned of is a mistake. */
  readonly strict?: boolean | undefined;
  /** The components that are to be served, when not all are: files of the others may be missing. */
  readonly served?: readonly string[] | undefined;
}

/**
 * Locks the app of a `spin.toml`, of its folder, or of a `.wasm` or source file alone, which is then served at `/...`.
 * Rejects with `manifest-missing`, `manifest-syntax`, the one mistake that there is, `manifest-invalid` with all of them, or
 * `usage` for a profile that there is not.
 */
export async function lockApp(path: string, options: LockOptions = {}): Promise<LockedApp> {
  return (await readApp(path, options)).locked;
}

/** A locked app with the tables of its manifest as they count: of version 2, and with the profile. */
export interface ReadApp {
  readonly locked: LockedApp;
  readonly document: Table;
}

/** As `lockApp`, for who needs what the manifest says in its own words. */
export async function readApp(path: string, options: LockOptions = {}): Promise<ReadApp> {
  const { purpose = 'run', served = [], runtimeConfig = defaultRuntimeConfig() } = options;
  const origin = findOrigin(path);
  if (origin.kind !== 'manifest') {
    const locked = lockAlone(origin);
    return { locked, document: documentOf(locked) };
  }
  const file = readManifest(origin.file);
  const gathered = gatherProblems(file, manifestFile, options);
  const versioned = asVersion2(file, gathered);
  const written = versioned.isBroken ? undefined : checkSchema(versioned.source, versioned.problems);
  // A profile with mistakes is not applied: what it overrides would be reported twice.
  const profiled =
    written && options.profile !== undefined ? withProfile(versioned.source, options.profile) : undefined;
  const source = profiled ?? versioned.source;
  const problems = gathered.seenAs(source);
  const manifest = profiled ? checkSchema(profiled, problems) : written;
  const entries = entriesOf(source.document);
  checkNames(source.document, entries, problems);
  checkTriggers(source.document, entries, problems);
  checkHosts(entries, problems);
  checkVariables(source.document, entries, problems);
  checkSettings(entries, problems);
  checkRemoteSources(entries, problems);
  checkDependencies(entries, problems);
  let files: ReadonlyMap<string, CheckedFiles> = new Map();
  if (purpose === 'run') {
    checkHasTrigger(source.document, problems);
    checkUnsupported(source.document, problems);
    checkStores(entries, runtimeConfig, problems);
    const isServed = (id: string): boolean => served.length === 0 || served.includes(id);
    files = checkFiles(source.directory, source.file, entries, filesOf(runtimeConfig), problems, isServed);
  }
  problems.throwIfAny();
  const locked = lockManifest(manifest!, source, entries, files);
  const warnings = [...(versioned.isOld ? [oldManifest(source)] : []), ...gathered.warnings.map(lockWarning)];
  return { locked: warnings.length > 0 ? { ...locked, warnings } : locked, document: source.document };
}

/** The manifest that an app without one would have. */
function documentOf({ name, triggers, components }: LockedApp): Table {
  const http = triggers.flatMap((trigger) => {
    if (trigger.type !== 'http' || trigger.action.kind !== 'component') return [];
    const { component, wagi } = trigger.action;
    return [{ route: trigger.route, component, ...(wagi && { executor: { type: 'wagi', ...wagi } }) }];
  });
  return {
    application: { name },
    trigger: { http },
    component: Object.fromEntries(components.map(({ id, source }) => [id, { source }])),
  };
}

function oldManifest({ file }: ManifestSource): LockedWarning {
  const message = 'The manifest is of version 1, and was read as if it were of version 2';
  return { kind: 'manifest-version-1', message, location: { file, line: 1, column: 1 } };
}

function lockWarning({ code, message, location }: MayflyError): LockedWarning {
  const { file, line = 1, column = 1 } = location ?? { file: '' };
  return { kind: code, message, location: { file, line, column } };
}

function lockManifest(
  manifest: Manifest,
  source: ManifestSource,
  entries: Entries,
  files: ReadonlyMap<string, CheckedFiles>,
): LockedApp {
  const context: FileContext = { source, entries };
  const { application } = manifest;
  return {
    name: application.name,
    version: application.version,
    description: application.description,
    authors: application.authors ?? [],
    origin: source.file,
    directory: source.directory,
    variables: lockVariables(manifest, source),
    triggers: settleTriggers(
      entries.triggers.flatMap((entry) => lockedTriggers(entry, manifest, context)),
      source.document,
    ),
    // Inline components of unsupported triggers are not in the schema, and nothing runs them.
    components: entries.components
      .filter(isTyped)
      .map((entry) => lockComponent(entry, manifest, context, files.get(entry.id))),
    settings: {
      limits: lockLimits(application.tool?.mayfly?.limits),
      ...limitLines(application.tool?.mayfly?.limits, ['application'], source),
    },
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
function lockedTriggers(entry: TriggerEntry, manifest: Manifest, context: FileContext): LockedTrigger[] {
  const application = asTable(manifest.application.trigger?.[entry.type]) ?? {};
  const locked = lockTrigger(entry, parsedTrigger(entry, manifest), context, application);
  return locked ? [locked] : [];
}

function parsedTrigger({ type, index, isSetting }: TriggerPlace, manifest: Manifest): ParsedTrigger {
  if (!isSetting) return manifest.trigger[type]?.[index] ?? {};
  return manifest.application.tool?.mayfly?.websocket?.[index] ?? {};
}

function lockComponent(
  entry: ComponentEntry,
  manifest: Manifest,
  context: FileContext,
  found: CheckedFiles | undefined,
): LockedComponent {
  const { source } = context;
  const component = componentAt(entry, manifest);
  const dependencies = lockDependencies(entry, context);
  return {
    id: entry.id,
    description: component.description,
    ...lockSource(entry, context),
    ...lockScript(component, source.directory),
    environment: { ...component.environment },
    variables: { ...component.variables },
    files: found?.mounts ?? [],
    ...(found && found.warnings.length > 0 ? { fileWarnings: found.warnings } : {}),
    allowedOutboundHosts: lockHosts(component),
    keyValueStores: component.key_value_stores ?? [],
    sqliteDatabases: component.sqlite_databases ?? [],
    aiModels: component.ai_models ?? [],
    build: lockBuild(component.build, source.directory),
    ...(dependencies.length > 0 ? { dependencies } : {}),
    location: { file: source.file, ...source.positions.key(entry.path) },
    settings: {
      ...lockSettings(component.tool?.mayfly),
      ...limitLines(component.tool?.mayfly?.limits, entry.path, source),
    },
  };
}

/** The program of a component whose source is one, or that names one under `tool.mayfly`. */
function lockScript(
  { source, tool }: Pick<ManifestComponent, 'source' | 'tool'>,
  directory: string,
): { readonly script?: LockedScript } {
  const { script, engine, bundled } = tool?.mayfly ?? {};
  const named = script ?? (typeof source === 'string' && isScriptFile(source) ? source : undefined);
  if (named === undefined) return {};
  return { script: { entry: resolve(directory, named), ...(engine && { engine }), ...(bundled && { bundled }) } };
}

/** The lines of the limits that stand in the table at `path`. */
function limitLines(
  limits: object | undefined,
  path: KeyPath,
  { positions }: Pick<ManifestSource, 'positions'>,
): { readonly limitLines?: LimitLines } {
  const keys = Object.keys(limits ?? {});
  if (keys.length === 0) return {};
  const lineOf = (key: string): number => positions.key([...path, 'tool', 'mayfly', 'limits', key]).line;
  return { limitLines: Object.fromEntries(keys.map((key) => [key, lineOf(key)])) };
}

function isTyped({ trigger }: ComponentEntry): boolean {
  return !trigger || typeOf(trigger) !== undefined;
}

function componentAt({ id, trigger, inTrigger = [] }: ComponentEntry, manifest: Manifest): ManifestComponent {
  let component: unknown = manifest.component?.[id];
  if (trigger) {
    component = parsedTrigger(trigger, manifest);
    for (const key of inTrigger) component = Object(component)[key];
  }
  if (component === undefined || typeof component === 'string') throw new Error(`There is no component "${id}"`);
  return component as ManifestComponent;
}
