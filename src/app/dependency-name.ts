// Names of dependencies: which imports of a component another one fulfils. By Spin's rules.
import { kebabIdFault } from './names.ts';

export type DependencyName =
  | { readonly kind: 'plain'; readonly name: string }
  | {
      readonly kind: 'package';
      /** `namespace:name`. */
      readonly package: string;
      /** Undefined for all interfaces of the package that the component imports. */
      readonly interface: string | undefined;
      readonly version: string | undefined;
    };

const word = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*';
const packageForm = new RegExp(`^(${word}:${word})(?:/(${word}))?(?:@(\\d+\\.\\d+\\.\\d+[0-9A-Za-z.+-]*))?$`);

/** The name's parts; undefined for a text that is none. */
export function parseDependencyName(text: string): DependencyName | undefined {
  const match = packageForm.exec(text);
  if (match) return { kind: 'package', package: match[1] ?? '', interface: match[2], version: match[3] };
  return kebabIdFault(text) === undefined && !text.includes(':') ? { kind: 'plain', name: text } : undefined;
}

/** Whether two names may mean the same import. */
export function mayMeet(one: DependencyName, other: DependencyName): boolean {
  if (one.kind === 'plain' || other.kind === 'plain') return false;
  if (one.package !== other.package) return false;
  if (one.version !== undefined && other.version !== undefined && track(one.version) !== track(other.version))
    return false;
  return one.interface === undefined || other.interface === undefined || one.interface === other.interface;
}

/** What versions have in common that may take one another's place. */
function track(version: string): string {
  const [, major = '0', minor = '0', patch = '0', pre] = /^(\d+)\.(\d+)\.(\d+)(-[^+]*)?/.exec(version) ?? [];
  if (pre !== undefined) return version.replace(/\+.*$/, '');
  if (major !== '0') return major;
  return minor === '0' ? `0.0.${patch}` : `0.${minor}`;
}
