// Makes of an app what Spin pushes of it: its lock, and the blobs that the lock names by their digests.
import { open, readFile, stat } from 'node:fs/promises';
import type { ReadApp } from '../../app/lock.ts';
import type { LockedComponent } from '../../app/locked-app.ts';
import type { LockedDependency, LockedMiddleware } from '../../app/locked-file.ts';
import {
  asArray,
  asTable,
  type ComponentEntry,
  componentPlaces,
  type Entries,
  entriesOf,
  type Table,
  type TriggerEntry,
} from '../../app/manifest/document.ts';
import { MayflyError, messageOf } from '../../errors.ts';
import { digestOfFile } from '../fetch-blob.ts';
import { blobOf, type DescribedBlob, digestOf, mediaTypes } from '../oci.ts';
import { filesOfMounts } from './component-files.ts';
import {
  MOST_INLINE_BYTES,
  OWN_METADATA,
  PROGRAM_TYPE,
  SERVICE_CHAINING,
  type SpinComponent,
  type SpinContent,
  type SpinDependency,
  type SpinLock,
  type SpinSource,
  type SpinTrigger,
  type SpinVariable,
} from './lock-document.ts';

/** Bytes up to which a file is read as a whole. */
const MOST_HELD_BYTES = 2 ** 20;

/** The files of a component, by their paths in the guest without the first `/`. */
export interface PackedComponent {
  readonly id: string;
  readonly files: readonly { readonly path: string; readonly layer: DescribedBlob }[];
}

export interface SpinApp {
  readonly lock: SpinLock;
  /** The components and what is joined to them, each once. */
  readonly wasm: readonly DescribedBlob[];
  readonly components: readonly PackedComponent[];
}

/** Bundled programs by the ids of their components, where they take the place of what was built of them. */
export type Programs = ReadonlyMap<string, string>;

/** All files must be there: those from elsewhere were fetched. Throws `manifest-source`, `usage`. */
export async function writeLock({ locked, document }: ReadApp, programs: Programs = new Map()): Promise<SpinApp> {
  const all = entriesOf(document);
  // What stands in our own table goes into the metadata with it: Spin would not start an app with such triggers.
  const entries = { ...all, triggers: all.triggers.filter(({ isSetting }) => !isSetting) };
  const wasm = new Map<string, DescribedBlob>();
  const source = async (file: string): Promise<SpinSource> => {
    await mustBeWasm(file);
    const layer = await layerOf(file, mediaTypes.spinWasm);
    wasm.set(layer.digest, layer);
    return { content_type: 'application/wasm', ...contentOf(layer) };
  };
  const packed: PackedComponent[] = [];
  const components: SpinComponent[] = [];
  for (const component of locked.components) {
    const files = await Promise.all(
      filesOfMounts(component).map(async ({ path, file }) => ({
        path,
        layer: await layerOf(file, mediaTypes.spinData),
      })),
    );
    packed.push({ id: component.id, files });
    const text = programs.get(component.id);
    const program = text === undefined ? undefined : blobOf(new Uint8Array(Buffer.from(text)), mediaTypes.spinData);
    if (program) wasm.set(program.digest, program);
    components.push({
      ...(await describeComponent(component, tableOf(component, entries, document), source, program)),
      ...(files.length > 0 && { files: files.map(({ path, layer }) => ({ path, ...contentOf(layer) })) }),
    });
  }
  const middleware = new Map(
    locked.triggers.map((trigger) => [
      trigger.id,
      trigger.type === 'http' && trigger.action.kind === 'component' ? (trigger.action.middleware ?? []) : [],
    ]),
  );
  const triggers = await Promise.all(
    entries.triggers.map((trigger) => describeTrigger(trigger, entries, middleware.get(trigger.id) ?? [], source)),
  );
  const chains = components.some(({ host_requirements }) => host_requirements !== undefined);
  const variables = Object.entries(locked.variables).map(([name, variable]): [string, SpinVariable] => [
    name,
    {
      ...(variable.description !== undefined && { description: variable.description }),
      ...(variable.default !== undefined && { default: variable.default }),
      ...(variable.secret && { secret: true }),
    },
  ]);
  const lock: SpinLock = {
    spin_lock_version: chains ? 1 : 0,
    ...(chains && { must_understand: ['component_host_requirements'] }),
    metadata: metadataOf(document, entries),
    ...(variables.length > 0 && { variables: Object.fromEntries(variables) }),
    triggers,
    components,
  };
  return { lock, wasm: [...wasm.values()], components: packed };
}

/** A file as a layer, whose bytes are held only where they are few. */
export async function layerOf(file: string, mediaType: string): Promise<DescribedBlob> {
  const { size } = await stat(file);
  if (size > MOST_HELD_BYTES) return { mediaType, digest: await digestOfFile(file), size, content: { file } };
  const content = new Uint8Array(await readFile(file));
  return { mediaType, digest: digestOf(content), size: content.length, content };
}

async function mustBeWasm(file: string): Promise<void> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new MayflyError('manifest-source', `"${file}" cannot be read: ${messageOf(cause)}`, {
      cause,
      hint: "Run 'mayfly build', or add '--build'",
    });
  });
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead === 4 && buffer.equals(Buffer.from('\0asm'))) return;
  } finally {
    await handle.close();
  }
  throw new MayflyError('manifest-source', `"${file}" is not a WebAssembly file`);
}

function contentOf({ digest, size, content }: DescribedBlob): SpinContent {
  if (size > MOST_INLINE_BYTES || 'file' in content) return { digest };
  return { digest, inline: Buffer.from(content).toString('base64').replaceAll('=', '') };
}

/** The table of a component in the manifest. */
function tableOf({ id }: LockedComponent, { components }: Entries, document: Table): Table {
  const entry = components.find((one: ComponentEntry) => one.id === id);
  return entry?.table ?? asTable(asTable(document.component)?.[id]) ?? {};
}

async function describeComponent(
  component: LockedComponent,
  table: Table,
  source: (file: string) => Promise<SpinSource>,
  program: DescribedBlob | undefined,
): Promise<SpinComponent> {
  if (!program && component.script && component.source === component.script.entry) {
    throw new MayflyError('usage', `The component "${component.id}" is a program, and Spin runs components only`, {
      hint: `Write 'source = "${component.id}.wasm"' and 'build.command', and run 'mayfly build': docs/languages.md says how`,
    });
  }
  const { description, allowedOutboundHosts, keyValueStores, sqliteDatabases, aiModels, environment } = component;
  // What is pushed is what was built of the program.
  const { script: _, engine, ...rest } = asTable(asTable(table.tool)?.mayfly) ?? {};
  const own = program ? { ...rest, ...(engine !== undefined && { engine }), bundled: true } : rest;
  const metadata = {
    ...(description !== undefined && { description }),
    ...(allowedOutboundHosts.length > 0 && { allowed_outbound_hosts: allowedOutboundHosts }),
    ...(keyValueStores.length > 0 && { key_value_stores: keyValueStores }),
    ...(sqliteDatabases.length > 0 && { databases: sqliteDatabases }),
    ...(aiModels.length > 0 && { ai_models: aiModels }),
    ...(Object.keys(own).length > 0 && { [OWN_METADATA]: own }),
  };
  const dependencies: Record<string, SpinDependency> = {};
  for (const one of component.dependencies ?? []) dependencies[one.name] = await describeDependency(one, source);
  const chains = allowedOutboundHosts.some((host) => host.includes('.spin.internal'));
  return {
    id: component.id,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    source: program ? { content_type: PROGRAM_TYPE, ...contentOf(program) } : await source(component.source),
    ...(Object.keys(environment).length > 0 && { env: environment }),
    ...(Object.keys(component.variables).length > 0 && { config: component.variables }),
    ...(Object.keys(dependencies).length > 0 && { dependencies }),
    ...(chains && { host_requirements: { [SERVICE_CHAINING]: 'required' } }),
  };
}

async function describeDependency(
  one: LockedDependency | LockedMiddleware,
  source: (file: string) => Promise<SpinSource>,
): Promise<SpinDependency> {
  const { inherits } = one;
  return {
    source: await source(one.source),
    export: 'export' in one ? (one.export ?? null) : null,
    ...(inherits === 'all' && { inherit: 'All' as const }),
    ...(inherits !== 'all' && inherits.length > 0 && { inherit: { Some: inherits } }),
  };
}

/** The trigger with its own keys, and components by their ids. */
async function describeTrigger(
  { id, type, index, table }: TriggerEntry,
  { components }: Entries,
  middleware: readonly LockedMiddleware[],
  source: (file: string) => Promise<SpinSource>,
): Promise<SpinTrigger> {
  const { id: _, dependencies: __, component: ___, components: ____, ...config } = table;
  const idOf = (value: unknown, inTrigger: readonly (string | number)[]): unknown => {
    if (typeof value === 'string') return value;
    const isHere = (one: ComponentEntry): boolean =>
      one.trigger?.type === type && one.trigger.index === index && String(one.inTrigger) === String(inTrigger);
    return components.find(isHere)?.id;
  };
  const places = componentPlaces(table);
  const single = places.find(({ inTrigger }) => inTrigger.length === 1);
  const named = Object.keys(asTable(table.components) ?? {}).map((key) => [
    key,
    places.filter(({ inTrigger }) => inTrigger[1] === key).map(({ value, inTrigger }) => idOf(value, inTrigger)),
  ]);
  const joined = await Promise.all(middleware.map((one) => describeDependency(one, source)));
  return {
    id,
    trigger_type: type,
    trigger_config: {
      ...(single && { component: idOf(single.value, single.inTrigger) }),
      ...(named.length > 0 && { components: Object.fromEntries(named) }),
      ...config,
    },
    ...(joined.length > 0 && { trigger_dependencies: { middleware: joined } }),
  };
}

function metadataOf({ application }: Table, { triggers }: Entries): Table {
  const { name, version, description, authors, trigger, tool } = asTable(application) ?? {};
  const settings = asTable(trigger) ?? {};
  const types = new Set(triggers.map(({ type }) => type));
  const [only] = types.size === 1 ? types : [];
  const own = asTable(asTable(tool)?.mayfly);
  return {
    name,
    ...(version !== undefined && { version }),
    ...(description !== undefined && { description }),
    ...(asArray(authors).length > 0 && { authors }),
    triggers: settings,
    // For older readers.
    ...(only !== undefined && { trigger: { ...asTable(settings[only]), type: only } }),
    ...(own && { [OWN_METADATA]: own }),
  };
}
