// `[component.<id>.tool.mayfly]`: what Mayfly adds to a component; Spin ignores it. The table below has each key, its
// values, and what the locked app gets of it; a new key is an entry here, and is read from `settings` of a
// LockedComponent.
import * as z from 'zod/mini';
import { engineNames } from '../script-file.ts';
import { count } from './quantities.ts';
import { table, textOr } from './schema-tools.ts';
import { manifestLimits } from './settings-schema.ts';

/** A key of the table. `lock` gets undefined when the key is not there. */
interface Setting<Key extends string, Schema extends z.core.$ZodType, Locked> {
  readonly key: Key;
  readonly schema: Schema;
  readonly lock: (value: z.output<Schema> | undefined) => Locked;
}

function setting<const Key extends string, Schema extends z.core.$ZodType, Locked>(
  key: Key,
  schema: Schema,
  lock: (value: z.output<Schema> | undefined) => Locked,
): Setting<Key, Schema, Locked> {
  return { key, schema, lock };
}

const settings = {
  /** Whether the component is initialised once, at load (true), or for each request (false). */
  preinitialize: setting('preinitialize', z.boolean(), (value) => value),
  /** The paths of made-up requests that are answered before the image is taken. */
  warm: setting('warm', textOr('array', z.array(z.string())), (value): readonly string[] => [value ?? []].flat()),
  /** Whether `files` mounts may be written. */
  writableFiles: setting('writable_files', z.boolean(), (value) => value ?? false),
  /** The number of requests that a sandbox serves, one after another, before it is put back to its image. */
  reuse: setting('reuse', count, (value) => value ?? 1),
  /** The source file of a program, relative to the manifest; `source` then names what `mayfly build` makes of it. */
  script: setting('script', z.string(), (value) => value),
  /** Whether the program was put together already, as `mayfly image build` does it: it is taken as it is. */
  bundled: setting('bundled', z.boolean(), (value) => value),
  /** The engine that a program runs in. */
  engine: setting('engine', z.enum(engineNames), (value) => value),
};

type Settings = typeof settings;
type Shape = {
  [Name in keyof Settings as Settings[Name]['key']]: z.ZodMiniOptional<Settings[Name]['schema']>;
};

/** The part of the table that the locked app gets, without the limits. */
export type OwnSettings = { readonly [Name in keyof Settings]: ReturnType<Settings[Name]['lock']> };

const shape = Object.fromEntries(Object.values(settings).map(({ key, schema }) => [key, z.optional(schema)])) as Shape;

export const componentSettings = table({ ...shape, limits: z.optional(manifestLimits) });

export type ManifestComponentSettings = z.output<typeof componentSettings>;

export function lockOwnSettings(given: ManifestComponentSettings | undefined): OwnSettings {
  const values: Readonly<Record<string, unknown>> = given ?? {};
  const all: readonly [string, Setting<string, z.core.$ZodType, unknown>][] = Object.entries(settings);
  return Object.fromEntries(all.map(([name, { key, lock }]) => [name, lock(values[key])])) as OwnSettings;
}
