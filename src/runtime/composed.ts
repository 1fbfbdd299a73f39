// What is loaded as one: the files of a component, its dependencies and its middleware, how they belong together, and what
// each of them may do.
import type { Inherited } from '../app/inherited.ts';
import type { Composition } from '../component/link/composition.ts';
import type { LoadUnit } from './load-units.ts';

/** What each part inherits, by the numbers of configurations; that of the component itself is the first. */
type Parts = readonly Inherited[];

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
  if (joined.length === 0) return { files: [source], composition: undefined, parts: ['all'], entry: 0 };
  const parts: Inherited[] = ['all'];
  // Parts that inherit the same share what services keep for them.
  const configurationOf = (inherits: Inherited): number => {
    const key = JSON.stringify(inherits);
    const known = parts.findIndex((part) => JSON.stringify(part) === key);
    return known >= 0 ? known : parts.push(inherits) - 1;
  };
  const composition: Composition = {
    dependencies: dependencies.map(({ name, export: named, inherits }) => ({
      name,
      export: named,
      configuration: configurationOf(inherits),
    })),
    middleware: middleware.map(({ inherits }) => ({ configuration: configurationOf(inherits) })),
  };
  return {
    files: [source, ...joined.map((one) => one.source)],
    composition,
    parts,
    entry: composition.middleware[0]?.configuration ?? 0,
  };
}
