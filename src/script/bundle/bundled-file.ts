// A program that was bundled before, as a file: the text, and behind it the source map that says where it came from.
import { readFile } from 'node:fs/promises';
import { MayflyError, messageOf } from '../../errors.ts';
import type { SourceMapData } from './bundle.ts';

const MARK = '\n//# sourceMappingURL=data:application/json;base64,';

/** The file of a bundle. Its sources get the names that `nameOf` gives them: those of a machine mean nothing on another one. */
export function formatBundled(code: string, map: SourceMapData, nameOf: (source: string) => string): string {
  const { mappings, sourcesContent } = map;
  const sources = map.sources.map((source) => (source === null ? null : nameOf(source)));
  const kept = { version: 3, sources, sourcesContent, mappings };
  return `${code}${MARK}${Buffer.from(JSON.stringify(kept)).toString('base64')}\n`;
}

/** Throws `script-invalid` for a file that is none. */
export async function readBundled(file: string): Promise<{ readonly code: string; readonly map: SourceMapData }> {
  try {
    const text = await readFile(file, 'utf8');
    const at = text.lastIndexOf(MARK);
    if (at < 0) throw new Error('it has no source map at its end');
    const map = JSON.parse(Buffer.from(text.slice(at + MARK.length), 'base64').toString()) as Partial<SourceMapData>;
    if (!Array.isArray(map.sources) || typeof map.mappings !== 'string') throw new Error('its source map is none');
    return { code: text.slice(0, at), map: map as SourceMapData };
  } catch (cause) {
    throw new MayflyError('script-invalid', `"${file}" is no bundled program: ${messageOf(cause)}`, { cause });
  }
}
