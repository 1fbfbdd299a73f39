// Leads from a place in running code to a line of source, for traps. What is needed for that is made at the first trap of
// a component that has debug information; others pay nothing.
import type { CopiedRuns } from '../../component/rewrite/copied-runs.ts';
import { type CoreModuleInfo, SectionId } from '../../component/rewrite/core-module.ts';
import { printable } from '../../telemetry/printable.ts';
import { BytesFault } from './byte-reader.ts';
import { type DebugInformation, debugInformationOf } from './debug-information.ts';
import { findDwarfLines, type SourceLine } from './dwarf-lines.ts';
import { findMappedLines } from './source-map.ts';

/** A core module as it was compiled, and where the rewriter put its bytes. */
export interface LocatableModule {
  readonly bytes: Uint8Array;
  readonly info: CoreModuleInfo;
  readonly runs: CopiedRuns;
}

/** A place in a module as the engine names it. */
export interface CodePlace {
  /** Index of the function, with those that are imported. */
  readonly func: number;
  /** Offset in the module that runs. */
  readonly offset: number;
}

/** Gives `file:line` for each place that has one. */
export type Locate = (places: readonly CodePlace[]) => (string | undefined)[];

/** Lines that are remembered. */
const MOST_KNOWN = 4096;
/** Guests may trap at ever new places: of the time, a part of so much goes into looking lines up. */
const REST = 20;
/** Characters of a path, from its end. */
const MOST_PATH = 120;

/**
 * `modules` is called at the first trap, and gives none for a component without debug information. `readMap` gives the
 * text of a source map that a module names, and undefined where that may not be read.
 */
export function createLocator(
  modules: () => readonly LocatableModule[],
  readMap: (url: string) => string | undefined,
): Locate {
  const known = new Map<string, string | undefined>();
  let prepared: readonly Prepared[] | undefined;
  let restUntil = 0;

  function look(all: readonly Prepared[], places: readonly CodePlace[]): void {
    const start = performance.now();
    if (start < restUntil) return;
    if (known.size > MOST_KNOWN) known.clear();
    for (const place of places) known.set(keyOf(place), undefined);
    for (const module of all) lookIn(module, all, places);
    const end = performance.now();
    restUntil = end + (end - start) * REST;
  }

  function lookIn(module: Prepared, all: readonly Prepared[], places: readonly CodePlace[]): void {
    const mine = places.flatMap((place) => {
      const offset = onlyIn(module, all, place);
      return offset === undefined ? [] : [{ place, offset }];
    });
    if (mine.length === 0 || module.debug === undefined) return;
    const offsets = mine.map(({ offset }) => offset);
    const lines = linesOf(module.debug, offsets, readMap);
    for (const { place, offset } of mine) {
      const line = lines.get(offset);
      if (line) known.set(keyOf(place), shown(line));
    }
  }

  return (places) => {
    prepared ??= prepareAll(modules);
    if (prepared.every(({ debug }) => debug === undefined)) return places.map(() => undefined);
    const unknown = places.filter((place) => !known.has(keyOf(place)));
    if (unknown.length > 0) look(prepared, unknown);
    return places.map((place) => known.get(keyOf(place)));
  };
}

const keyOf = ({ func, offset }: CodePlace): string => `${func}:${offset}`;

interface Prepared extends LocatableModule {
  readonly debug: DebugInformation | undefined;
  readonly codeEnd: number;
}

/** Prepares the modules. A trap is told without lines when that fails, as for a file that is gone. */
function prepareAll(modules: () => readonly LocatableModule[]): Prepared[] {
  try {
    return modules().map((module) => {
      const code = module.info.layout.sections.find(({ id }) => id === SectionId.code);
      return { ...module, debug: debugInformationOf(module.bytes), codeEnd: code?.end ?? 0 };
    });
  } catch {
    return [];
  }
}

/** The offset in the original module, when the place can be in no other module than this one. */
function onlyIn(module: Prepared, all: readonly Prepared[], place: CodePlace): number | undefined {
  const offset = originalOf(module, place);
  if (offset === undefined) return undefined;
  return all.some((other) => other !== module && originalOf(other, place) !== undefined) ? undefined : offset;
}

function originalOf({ info, runs, codeEnd }: Prepared, { func, offset }: CodePlace): number | undefined {
  const { entries, bodies } = info.layout.code;
  const index = func - info.imports.filter(({ kind }) => kind === 'func').length;
  const [start, end] = [bodies[index], entries[index + 1] ?? codeEnd];
  const original = runs.original(offset);
  if (index < 0 || start === undefined || original === undefined) return undefined;
  return original >= start && original < end ? original : undefined;
}

function linesOf(
  { dwarf, mapUrl, codeStart }: DebugInformation,
  offsets: readonly number[],
  readMap: (url: string) => string | undefined,
): Map<number, SourceLine> {
  try {
    if (dwarf) {
      const addresses = findDwarfLines(
        dwarf,
        offsets.map((offset) => offset - codeStart),
      );
      return new Map([...addresses].map(([address, line]) => [address + codeStart, line]));
    }
    const map = mapUrl === undefined ? undefined : readMap(mapUrl);
    return map === undefined ? new Map() : findMappedLines(map, offsets);
  } catch (error) {
    if (error instanceof BytesFault) return new Map();
    throw error;
  }
}

function shown({ file, line }: SourceLine): string {
  const path = file.length > MOST_PATH ? `…${file.slice(-MOST_PATH)}` : file;
  return `${printable(path)}:${line}`;
}
