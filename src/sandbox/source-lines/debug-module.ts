// Makes a module for debuggers: its lines become a source map within it, which every debugger of V8 understands. Sections
// of DWARF stay beside it, for those that know more.
import { ByteSink } from '../../component/rewrite/byte-sink.ts';
import { SectionId } from '../../component/rewrite/core-module.ts';
import { readSectionRanges } from '../../component/rewrite/read-sections.ts';
import { BytesFault } from './byte-reader.ts';
import { type DebugInformation, debugInformationOf } from './debug-information.ts';
import { allDwarfLines } from './dwarf-lines.ts';
import { encodeSegments, moveSegments } from './source-map-writer.ts';

/** Where debuggers find a source that debug information names. */
export interface DebugSources {
  /** Gives the URL of a file, and its text where that can be read. */
  find(path: string): { readonly url: string; readonly text: string | undefined };
  /** Gives the text of a source map that a module names. */
  readMap(url: string): string | undefined;
}

const MAP = 'sourceMappingURL';

/**
 * The module `written`, which the rewriter made of `original`, with a map of its lines; as it is when it has none, or
 * when its code was changed and not only moved.
 */
export function withSourceMap(
  original: Uint8Array,
  written: Uint8Array<ArrayBuffer>,
  sources: DebugSources,
): Uint8Array<ArrayBuffer> {
  const information = debugInformationOf(original);
  const sections = readSectionRanges(written);
  const code = sections.find(({ id }) => id === SectionId.code);
  const before = readSectionRanges(original).find(({ id }) => id === SectionId.code);
  if (!information || !code || !before || code.end - code.start !== before.end - before.start) return written;
  const map = mapOf(information, code.start, sources);
  if (map === undefined) return written;
  const sink = new ByteSink(written.length);
  sink.copy(written, 0, sections[0]?.header ?? written.length);
  for (const { name, header, end } of sections) if (name !== MAP) sink.copy(written, header, end);
  const start = sink.beginSection(SectionId.custom);
  sink.name(MAP);
  sink.name(`data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString('base64')}`);
  sink.endSized(start);
  return sink.result();
}

function mapOf(
  { dwarf, mapUrl, codeStart }: DebugInformation,
  start: number,
  sources: DebugSources,
): object | undefined {
  try {
    if (dwarf) return mapOfDwarf(dwarf, start, sources);
    const text = mapUrl === undefined ? undefined : sources.readMap(mapUrl);
    return text === undefined ? undefined : movedMap(text, start - codeStart, sources);
  } catch (error) {
    if (error instanceof BytesFault || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function mapOfDwarf(dwarf: NonNullable<DebugInformation['dwarf']>, start: number, sources: DebugSources): object {
  const files = new Map<string, number>();
  const ranges = allDwarfLines(dwarf).map(({ from, to, file, line }) => {
    const source = files.get(file) ?? files.size;
    files.set(file, source);
    return { from: start + from, to: start + to, source, line };
  });
  return { version: 3, ...found([...files.keys()], sources), names: [], mappings: encodeSegments(ranges) };
}

function movedMap(text: string, by: number, sources: DebugSources): object | undefined {
  const map = Object(JSON.parse(text)) as Record<string, unknown>;
  const { mappings, sources: files, sourceRoot = '' } = map;
  if (map.version !== 3 || typeof mappings !== 'string' || !Array.isArray(files)) return undefined;
  const root = sourceRoot === '' ? '' : `${String(sourceRoot).replace(/\/+$/, '')}/`;
  const moved = moveSegments(mappings, by);
  const names = files.map((file) => `${root}${String(file)}`);
  const own = Array.isArray(map.sourcesContent) ? { sourcesContent: map.sourcesContent } : {};
  return { version: 3, ...found(names, sources), ...own, names: [], mappings: moved };
}

function found(files: readonly string[], sources: DebugSources): object {
  const all = files.map((file) => sources.find(file));
  return { sources: all.map(({ url }) => url), sourcesContent: all.map(({ text }) => text ?? null) };
}
