// Checks what a manifest says of files from elsewhere: URLs with their digest, and packages of registries.
import type { KeyPath } from '../../toml/positions.ts';
import { isVersion, parseRequirement } from '../../version-requirement.ts';
import { asTable, asText, type Entries, type Table } from '../document.ts';
import type { Problems } from '../problems.ts';

/** Checks the `source` of each component. */
export function checkRemoteSources({ components }: Entries, problems: Problems): void {
  for (const { path, table } of components) {
    const source = asTable(table.source);
    if (source) checkRemote(source, [...path, 'source'], 'version', problems);
  }
}

/** Checks a table that may name a URL or a package. `versions` says what its key `version` holds. */
export function checkRemote(
  table: Table,
  path: KeyPath,
  versions: 'version' | 'requirement',
  problems: Problems,
): void {
  const check = (key: string, isRight: (text: string) => boolean, message: string, hint: string): void => {
    const text = asText(table[key]);
    if (text !== undefined && !isRight(text)) {
      problems.add('manifest-value', [...path, key], `"${text}" ${message}`, { hint });
    }
  };
  check('url', isHttpUrl, 'is not a URL that can be fetched', 'Write a URL that begins with https:// or http://');
  check(
    'digest',
    (text) => /^sha256:[0-9a-f]{64}$/i.test(text),
    'is not the digest of a file',
    'Write "sha256:" and the 64 hexadecimal digits that sha256sum gives for the file',
  );
  check('package', isPackageName, 'is not the name of a package', 'Write "<namespace>:<name>"');
  check('registry', isHost, 'is not a registry', 'Write the host of the registry, such as "registry.example.com"');
  if (versions === 'version') check('version', isVersion, 'is not a version', 'Write three numbers, such as "1.0.0"');
  else checkRequirement(table.version, [...path, 'version'], problems);
}

export function checkRequirement(value: unknown, path: KeyPath, problems: Problems): void {
  const text = asText(value);
  if (text === undefined || parseRequirement(text)) return;
  problems.add('manifest-value', path, `"${text}" is not a requirement for a version`, {
    hint: 'Write "1.2.3", "=1.2.3", "~1.2" or ">= 1.0, < 2"',
  });
}

function isPackageName(text: string): boolean {
  return /^[a-z][a-z0-9]*(-[a-z0-9]+)*:[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(text);
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

function isHost(text: string): boolean {
  return /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d{1,5})?$/.test(text);
}
