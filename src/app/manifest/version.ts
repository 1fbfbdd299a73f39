// Finds out of which version a manifest is, and gives one of version 1 the form of version 2.
import { manifestFile } from '../toml/file-kind.ts';
import { checkFile } from './check-schema.ts';
import type { Gathered, Problems } from './problems.ts';
import type { ManifestSource } from './read.ts';
import { componentsOfVersion1, convertVersion1, versionKeyOf1 } from './version-1/convert.ts';
import { schemasOfVersion1 } from './version-1/schema.ts';

export interface Versioned {
  /** The manifest in the form of version 2. */
  readonly source: ManifestSource;
  /** Gathers mistakes of that form, with places in the file. */
  readonly problems: Problems;
  /** Whether the file is of version 1. */
  readonly isOld: boolean;
  /** Whether the keys of a version 1 are not those that there are: their types then mean nothing. */
  readonly isBroken: boolean;
}

export function asVersion2(source: ManifestSource, problems: Gathered): Versioned {
  const key = versionKeyOf1(source.document);
  if (key === undefined) {
    checkVersion(source, problems);
    return { source, problems, isOld: false, isBroken: false };
  }
  checkVersion1(source, key, problems);
  checkIds(source, problems);
  const isBroken = checkFile(schemasOfVersion1[key], source, problems, manifestFile) === undefined;
  const converted = convertVersion1(source, key);
  return { source: converted, problems: problems.seenAs(converted), isOld: true, isBroken };
}

function checkVersion({ document }: ManifestSource, problems: Problems): void {
  const version = document.spin_manifest_version;
  if (typeof version !== 'number' || version === 2) return;
  const message =
    version === 1
      ? 'The manifest has the keys of version 2, and says that it is of version 1'
      : `There is no manifest version ${version}`;
  problems.add('manifest-value', ['spin_manifest_version'], message, {
    hint: "Write 'spin_manifest_version = 2'",
  });
}

function checkVersion1({ document }: ManifestSource, key: string, problems: Problems): void {
  if (document[key] === '1') return;
  problems.add('manifest-value', [key], `A manifest of version 1 says so with the text "1"`, {
    hint: `Write '${key} = "1"', or turn the manifest into version 2`,
  });
}

/** Two components may not become one: ids that differ only in `_` and `-`, or in case, are the same afterwards. */
function checkIds({ document }: ManifestSource, problems: Problems): void {
  const seen = new Set<string>();
  for (const { id, index } of componentsOfVersion1(document)) {
    if (seen.has(id)) {
      problems.add('manifest-value', ['component', index, 'id'], `There is a component "${id}" already`, {
        hint: 'Give this one another id',
      });
    }
    seen.add(id);
  }
}
