// A manifest as it counts, where that is not as it is written: of an older version, or with a profile.
import type { KeyPath } from '../toml/positions.ts';
import type { ManifestSource } from './read.ts';

/**
 * The same file with another document. `written` gives the path in `source` of what stands at a path in `document`:
 * messages and places then name what the author wrote.
 */
export function viewOf(
  source: ManifestSource,
  document: ManifestSource['document'],
  written: (path: KeyPath) => KeyPath,
): ManifestSource {
  const { positions } = source;
  return {
    ...source,
    document,
    positions: { key: (path) => positions.key(written(path)), value: (path) => positions.value(written(path)) },
    written: (path) => source.written?.(written(path)) ?? written(path),
  };
}
