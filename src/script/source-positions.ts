// Places in the text of a bundle → places in the sources that it was made of, by its source map.
import { SourceMap } from 'node:module';
import type { SourceMapData } from './bundle/bundle.ts';

export interface SourcePlace {
  /** As the bundler names it: an absolute path, or that of a module in memory. */
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
  readonly column: number;
}

/** Where the places are that an engine names. */
export interface Positions {
  /** The text, with each place in what the engine was given written as one in the sources. */
  inText(text: string): string;
  /** The place in the sources where what a stack tells of was thrown. */
  firstIn(stack: string): SourcePlace | undefined;
}

export class SourcePositions implements Positions {
  readonly #name: string;
  readonly #data: SourceMapData;
  #map: SourceMap | undefined;

  /** `name` is the name under which the engine knows the bundle. */
  constructor(name: string, data: SourceMapData) {
    this.#name = name;
    this.#data = data;
  }

  /** Undefined for a place that comes from no source. Lines and columns count from 1. */
  find(line: number, column: number): SourcePlace | undefined {
    // Made when something has gone wrong; most programs never need it.
    this.#map ??= new SourceMap({
      file: this.#name,
      version: 3,
      sources: this.#data.sources.map((source) => source ?? ''),
      sourcesContent: (this.#data.sourcesContent ?? []).map((text) => text ?? ''),
      names: [],
      mappings: this.#data.mappings,
      sourceRoot: '',
    });
    const entry = this.#map.findEntry(line - 1, Math.max(0, column - 1));
    if (!('originalSource' in entry) || entry.originalSource === '') return undefined;
    return { file: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  /** The text, with each place in the bundle written as one in the sources. Lines of the engine's own code are left out. */
  inText(text: string): string {
    if (!text.includes(this.#name)) return text;
    return text.replace(this.#pattern(), (whole, line: string, column: string | undefined) => {
      const place = this.find(Number(line), Number(column ?? 1));
      return place ? `${place.file}:${place.line}:${place.column}` : whole;
    });
  }

  /** The first place in the sources that a stack names. */
  firstIn(stack: string): SourcePlace | undefined {
    for (const [, line, column] of stack.matchAll(this.#pattern())) {
      const place = this.find(Number(line), Number(column ?? 1));
      if (place) return place;
    }
    return undefined;
  }

  #pattern(): RegExp {
    return new RegExp(`${this.#name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}:(\\d+)(?::(\\d+))?`, 'g');
  }
}
