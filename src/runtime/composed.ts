// What is loaded as one: the files of a component, its dependencies and its middleware, how they belong together, and what
// each of them may do.
import type { PartConfiguration } from '../app/restrict.ts';
import type { Composition } from '../component/link/composition.ts';
import type { LoadUnit } from './load-units.ts';

/** What each part has, by the numbers of configurations; that of the component itself is the first. */
type Parts = readonly PartConfiguration[];

export interface Composed {
  /** Absolute paths: the component, its dependencies, its middleware. */
  readonly files: readonly string[];
  /** Undefined for a component that is alone. */
  readonly composition: Composition | undefined;
  readonly parts: Parts;
  /** The number of the configuration of the part that is called: of the outermost middleware, if there is any. */
  readonly entry: number;
}

export function composedOf({ component, middleware }: Pick<LoadUnit, 'component' | 'middleware'>): Composed {
  const { dependencies = [], source } = component;
  const joined = [...dependencies, ...middleware];
  if (joined.length === 0) return { files: [source], composition: undefined, parts: [{ inherits: 'all' }], entry: 0 };
  const parts: PartConfiguration[] = [{ inherits: 'all' }];
  // Parts that have the same share what services keep for them.
  const configurationOf = ({ inherits, environment }: PartConfiguration): number => {
    const one = { inherits, environment };
    const key = JSON.stringify(one);
    const known = parts.findIndex((part) => JSON.stringify(part) === key);
    return known >= 0 ? known : parts.push(one) - 1;
  };
  const composition: Composition = {
    dependencies: dependencies.map((one) => ({
      name: one.name,
      export: one.export,
      configuration: configurationOf(one),
    })),
    middleware: middleware.map((one) => ({ configuration: configurationOf(one) })),
  };
  return {
    files: [source, ...joined.map((one) => one.source)],
    composition,
    parts,
    entry: composition.middleware[0]?.configuration ?? 0,
  };
}
