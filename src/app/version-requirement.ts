// Requirements for versions as Cargo and Spin write them: `1.2`, `^1.2`, `~1.2.3`, `=1.2.3`, `>= 0.1.0, < 0.3`, `1.*`.

interface Version {
  readonly numbers: readonly [major: number, minor: number, patch: number];
  readonly pre: string;
}

interface Comparator {
  readonly operator: string;
  /** From the left; numbers that are left out, or are `*`, are missing. */
  readonly numbers: readonly number[];
  readonly pre: string;
}

export type VersionRequirement = readonly Comparator[];

const versionForm = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const comparatorForm =
  /^(=|>=|<=|>|<|~|\^|)\s*(\d+|[*xX])(?:\.(\d+|[*xX]))?(?:\.(\d+|[*xX]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;

/** Whether the text is one version, with all three numbers. */
export function isVersion(text: string): boolean {
  return versionForm.test(text);
}

/** The requirement; undefined for a text that is none. */
export function parseRequirement(text: string): VersionRequirement | undefined {
  const comparators = text.split(',').map((part) => parseComparator(part.trim()));
  return comparators.every((one) => one !== undefined) ? comparators : undefined;
}

function parseComparator(text: string): Comparator | undefined {
  const match = comparatorForm.exec(text);
  if (!match) return undefined;
  const [, operator = '', ...parts] = match;
  const pre = parts.pop() ?? '';
  const given = parts.filter((part) => part !== undefined);
  const wild = given.findIndex((part) => /[*xX]/.test(part));
  const numbers = (wild < 0 ? given : given.slice(0, wild)).map(Number);
  // `1.*` means any 1, as `~1` does; a bare `*` has no number to compare.
  return { operator: operator || (wild < 0 ? '^' : '~'), numbers, pre };
}

/** The newest of `versions` that fits; undefined when none does. Texts that are no versions are left out. */
export function newestMatching(requirement: VersionRequirement, versions: readonly string[]): string | undefined {
  const fitting = versions.flatMap((text) => {
    const version = parseVersion(text);
    return version && fits(version, requirement) ? [{ text, version }] : [];
  });
  return fitting.sort((a, b) => compare(a.version, b.version)).at(-1)?.text;
}

function parseVersion(text: string): Version | undefined {
  const match = versionForm.exec(text);
  if (!match) return undefined;
  return { numbers: [Number(match[1]), Number(match[2]), Number(match[3])], pre: match[4] ?? '' };
}

function fits(version: Version, requirement: VersionRequirement): boolean {
  if (!requirement.every((one) => fitsOne(version, one))) return false;
  if (version.pre === '') return true;
  // A pre-release is taken only where the requirement names one of the same version.
  return requirement.some(({ numbers, pre }) => pre !== '' && numbers.join('.') === version.numbers.join('.'));
}

function fitsOne(version: Version, { operator, numbers, pre }: Comparator): boolean {
  const [major = 0, minor = 0, patch = 0] = numbers;
  const least: Version = { numbers: [major, minor, patch], pre };
  const isAtLeast = compare(version, least) >= 0;
  const same = (count: number): boolean =>
    numbers.slice(0, count).every((number, index) => number === version.numbers[index]);
  switch (operator) {
    case '=':
      return same(3) && (numbers.length < 3 || version.pre === pre);
    case '>=':
      return isAtLeast;
    case '>':
      return isAtLeast && !(numbers.length < 3 ? same(3) : compare(version, least) === 0);
    case '<':
      return !isAtLeast;
    case '<=':
      return !isAtLeast || (numbers.length < 3 ? same(3) : compare(version, least) === 0);
    case '~':
      return isAtLeast && same(2);
    default:
      return isAtLeast && same(caretDigits(numbers));
  }
}

/** How many numbers must be the same for a version to be compatible: up to the first that is not 0. */
function caretDigits(numbers: readonly number[]): number {
  const first = numbers.findIndex((number) => number !== 0);
  return first < 0 ? numbers.length : first + 1;
}

function compare(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePre(a.pre, b.pre);
}

/** Compares pre-releases by the rules of semver.org: none is newer than any. */
function comparePre(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  const [left, right] = [a.split('.'), b.split('.')];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const numeric = [part, other].map((one) => /^\d+$/.test(one));
    if (numeric[0] && numeric[1]) return Number(part) - Number(other);
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return -1;
}
