// Makes a `spin.toml` of a locked app out of a registry, whose shape and values may be anything: what it says is checked
// as what any manifest says. Only paths and digests are looked at here.
import { type JsonObject, objectOf, textsOf } from '../json.ts';
import { isDigest, notAn } from '../oci.ts';
import { OWN_METADATA, PROGRAM_TYPE, SERVICE_CHAINING } from './lock-document.ts';

/** What a component of the lock has beside its table: where its bytes are. */
export interface NamedContent {
  readonly digest: string;
  readonly inline: Buffer | undefined;
}

export interface AppFile extends NamedContent {
  /** The path in the app's folder. */
  readonly path: string;
}

export interface UnpackedLock {
  readonly document: JsonObject;
  /** All that the folder of the app needs beside the manifest. */
  readonly files: readonly AppFile[];
}

const known: readonly string[] = ['host_requirements', 'component_host_requirements'];
const requirements: readonly string[] = [SERVICE_CHAINING, 'middleware'];

/** Whether JSON is a locked app of Spin. */
export function isLock(value: unknown): boolean {
  return 'spin_lock_version' in objectOf(value);
}

/** `of` names the app in errors. Throws `registry-artifact`. */
export function unpackLock(value: unknown, of: string): UnpackedLock {
  const lock = objectOf(value);
  const { spin_lock_version: version } = lock;
  if (version !== 0 && version !== 1)
    throw notAn(of, `its lock has the version ${JSON.stringify(version)}, and 0 and 1 are known`);
  const needed = arrayOf(lock.must_understand).filter((one) => typeof one !== 'string' || !known.includes(one));
  if (needed.length > 0) throw notAn(of, `it wants to be read by something that understands ${JSON.stringify(needed)}`);
  checkRequirements(lock.host_requirements, of);
  const files = new Map<string, AppFile>();
  const wasm = (source: unknown): string => {
    const content = contentOf(source, of);
    const ending = objectOf(source).content_type === PROGRAM_TYPE ? 'js' : 'wasm';
    const path = `${content.digest.replace('sha256:', '')}.${ending}`;
    files.set(path, { ...content, path });
    return path;
  };
  const components = arrayOf(lock.components).map((one, index) =>
    unpackComponent(objectOf(one), index, { files, wasm, of }),
  );
  const document = {
    spin_manifest_version: 2,
    application: applicationOf(objectOf(lock.metadata)),
    variables: filled(
      Object.fromEntries(Object.entries(objectOf(lock.variables)).map(([name, one]) => [name, variableOf(one)])),
    ),
    trigger: triggersOf(arrayOf(lock.triggers).map(objectOf), wasm, of),
    component: Object.fromEntries(components),
  };
  return { document: withoutNulls(document) as JsonObject, files: [...files.values()] };
}

interface Unpacking {
  readonly files: Map<string, AppFile>;
  readonly wasm: (source: unknown) => string;
  readonly of: string;
}

function unpackComponent(component: JsonObject, index: number, { files, wasm, of }: Unpacking): [string, JsonObject] {
  const { id, source, env, config, dependencies, host_requirements } = component;
  if (typeof id !== 'string') throw notAn(of, 'a component of it has no id');
  checkRequirements(host_requirements, of);
  const metadata = objectOf(component.metadata);
  const folder = `files/${index}`;
  const paths = arrayOf(component.files).map(objectOf);
  for (const file of paths) {
    const path = `${folder}/${safePath(file.path, of)}`;
    files.set(path, { ...contentOf(file, of), path });
  }
  const joined = Object.entries(objectOf(dependencies)).map(([name, one]) => [name, dependencyOf(one, wasm)]);
  const table = {
    source: wasm(source),
    description: metadata.description,
    environment: filled(textsOf(env)),
    variables: filled(textsOf(config)),
    files: paths.length > 0 ? [{ source: folder, destination: '/' }] : undefined,
    allowed_outbound_hosts: metadata.allowed_outbound_hosts,
    allowed_http_hosts: metadata.allowed_http_hosts,
    key_value_stores: metadata.key_value_stores,
    sqlite_databases: metadata.databases,
    ai_models: metadata.ai_models,
    dependencies: filled(Object.fromEntries(joined)),
    tool: toolOf(metadata),
  };
  return [id, table];
}

function dependencyOf(value: unknown, wasm: (source: unknown) => string): JsonObject {
  const { source, export: exported, inherit } = objectOf(value);
  const some = objectOf(inherit).Some;
  return {
    path: wasm(source),
    export: exported,
    inherit_configuration: inherit === 'All' ? true : Array.isArray(some) && some.length > 0 ? some : undefined,
  };
}

function applicationOf(metadata: JsonObject): JsonObject {
  const { name, version, description, authors, triggers, trigger } = metadata;
  const { type, ...only } = objectOf(trigger);
  const settings = 'triggers' in metadata ? objectOf(triggers) : typeof type === 'string' ? { [type]: only } : {};
  const kept = Object.entries(settings).flatMap(([each, value]) => {
    // What every HTTP app of older versions of Spin says, and what it is anyway.
    const { base, ...rest } = objectOf(value);
    const table = base === undefined || base === '/' ? rest : { base, ...rest };
    return Object.keys(table).length > 0 ? [[each, table]] : [];
  });
  return {
    name,
    version,
    description,
    authors: Array.isArray(authors) ? authors : undefined,
    trigger: filled(Object.fromEntries(kept)),
    tool: toolOf(metadata),
  };
}

function toolOf(metadata: JsonObject): JsonObject | undefined {
  return OWN_METADATA in metadata ? { mayfly: metadata[OWN_METADATA] } : undefined;
}

function variableOf(value: unknown): JsonObject {
  const { description, default: fallback, secret } = objectOf(value);
  const isRequired = fallback === undefined || fallback === null;
  return {
    description,
    ...(isRequired ? { required: true } : { default: fallback }),
    secret: secret === true || undefined,
  };
}

function triggersOf(triggers: readonly JsonObject[], wasm: (source: unknown) => string, of: string): JsonObject {
  const types = new Map<string, JsonObject[]>();
  for (const { id, trigger_type: type, trigger_config: config, trigger_dependencies: dependencies } of triggers) {
    if (typeof type !== 'string') throw notAn(of, 'a trigger of it has no type');
    const middleware = arrayOf(objectOf(dependencies).middleware).map((one) => {
      const { export: _, ...table } = dependencyOf(one, wasm);
      return table;
    });
    const table = { ...objectOf(config), id, ...(middleware.length > 0 && { dependencies: { middleware } }) };
    types.set(type, [...(types.get(type) ?? []), table]);
  }
  return Object.fromEntries(types);
}

function checkRequirements(value: unknown, of: string): void {
  const missing = Object.entries(objectOf(value)).filter(
    ([key, need]) => need !== 'optional' && !requirements.includes(key),
  );
  if (missing.length > 0) {
    throw notAn(of, `it needs a host with ${missing.map(([key]) => JSON.stringify(key)).join(', ')}`);
  }
}

function contentOf(value: unknown, of: string): NamedContent {
  const { digest, inline } = objectOf(value);
  if (!isDigest(digest)) throw notAn(of, 'a file of it has no digest of SHA-256');
  return { digest, inline: typeof inline === 'string' ? Buffer.from(inline, 'base64') : undefined };
}

/** A path that leads nowhere but further down. Throws `registry-artifact`. */
export function safePath(path: unknown, of: string): string {
  const parts = typeof path === 'string' ? path.split('/') : [];
  const isPlain = (part: string): boolean => part !== '' && part !== '.' && part !== '..' && !/[\0\\]/.test(part);
  if (parts.length > 0 && parts.every(isPlain)) return parts.join('/');
  throw notAn(of, `the path ${JSON.stringify(path)} of a file of it leads out of its folder`);
}

/** A table that says something. */
function filled(table: JsonObject): JsonObject | undefined {
  return Object.keys(table).length > 0 ? table : undefined;
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** TOML has no null, and what is not set is not there. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter(isSet).map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => isSet(one));
  return Object.fromEntries(entries.map(([key, one]) => [key, withoutNulls(one)]));
}

const isSet = (value: unknown): boolean => value !== null && value !== undefined;
