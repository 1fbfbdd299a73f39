// The sources of the product as text: what they import, export and say in comments. For tests of the house itself.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** Helpers of tests have one of these suffixes, and nothing else has. */
const NO_PRODUCT = /\.(test|fixture|contract|test-kit|d)\.ts$/;

export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

export interface Import {
  /** From the root of the repository. */
  readonly path: string;
  /** `*` where all that it exports may be used. */
  readonly names: readonly string[];
}

const cache = new Map<string, SourceFile>();

export function sourceFile(path: string): SourceFile {
  let file = cache.get(path);
  if (!file) {
    const text = readFileSync(path, 'utf8');
    file = { path, text, imports: importsOf(path, text) };
    cache.set(path, file);
  }
  return file;
}

export function productFiles(): SourceFile[] {
  return globSync('src/**/*.ts')
    .filter((path) => !NO_PRODUCT.test(path))
    .sort()
    .map(sourceFile);
}

/** Whoever may use what the product exports: itself, its tests, benchmarks and scripts. */
export function allFiles(): SourceFile[] {
  return globSync(['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.{ts,mjs}', 'bin/*.mjs'])
    .sort()
    .map(sourceFile);
}

/** All that may have comments, guests and what the SDK has for them among it. */
export function commentedFiles(): string[] {
  const folders = ['src', 'test', 'bench', 'scripts', 'bin', 'sdk', 'templates', 'examples'];
  return globSync(folders.map((folder) => `${folder}/**/*.{ts,mjs,js,c,h}`))
    .filter((path) => !/node_modules|\/(dist|target|build)\//.test(path))
    .sort();
}

/** Statements with the names they take, and any other mention of a path behind `from` or `import`. */
function importsOf(path: string, text: string): Import[] {
  const found = new Map<string, Set<string>>();
  const note = (target: string, names: Iterable<string>): void => {
    const at = normalize(join(dirname(path), target));
    const known = found.get(at) ?? new Set();
    for (const name of names) known.add(name);
    found.set(at, known);
  };
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) note(target as string, []);
  for (const [, list, target] of text.matchAll(/(?:import|export) (?:type )?\{([^}]*)\} from '(\.[^']+)'/g)) {
    note(target as string, namesOf(list as string));
  }
  for (const [, name, target] of text.matchAll(/import (?:type )?\* as (\w+) from '(\.[^']+)'/g)) {
    const used = [...text.matchAll(new RegExp(`\\b${name}\\.(\\w+)`, 'g'))].map(([, member]) => member as string);
    note(target as string, used);
  }
  const dynamic = /(?<!typeof )(?:\{([^{}]*)\} = await )?import\(\s*'(\.[^']+)'/g;
  for (const [, list, target] of text.matchAll(dynamic)) {
    note(target as string, list === undefined ? ['*'] : namesOf(list.replaceAll(':', ' as ')));
  }
  return [...found].map(([target, names]) => ({ path: target, names: [...names] }));
}

/** Of `a, type b, c as d`: the names on the other side. */
function namesOf(list: string): string[] {
  return list
    .split(',')
    .map(
      (one) =>
        one
          .trim()
          .replace(/^type /, '')
          .split(/\s+as\s+/)[0] as string,
    )
    .filter((name) => name !== '');
}

/** Circles of imports, those of types counted: each as the files that reach one another. */
export function circlesOf(files: readonly SourceFile[]): string[][] {
  const nodes = new Map(files.map((file) => [file.path, file.imports.map(({ path }) => path)]));
  return stronglyConnected(nodes).filter((circle) => circle.length > 1);
}

/** Tarjan's algorithm. */
function stronglyConnected(nodes: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const components: string[][] = [];
  const visit = (node: string): number => {
    const own = order.size;
    order.set(node, own);
    low.set(node, own);
    stack.push(node);
    for (const next of nodes.get(node) ?? []) {
      if (!nodes.has(next)) continue;
      const reached = order.has(next) ? (stack.includes(next) ? (order.get(next) as number) : own) : visit(next);
      low.set(node, Math.min(low.get(node) as number, reached));
    }
    if (low.get(node) === own) components.push(stack.splice(stack.indexOf(node)).sort());
    return low.get(node) as number;
  };
  for (const node of nodes.keys()) if (!order.has(node)) visit(node);
  return components;
}

export interface Exported {
  readonly name: string;
  /** It is a type, perhaps among other things. */
  readonly isType: boolean;
}

const declaration =
  /^export (?:declare )?(?:async )?(function\*?|const|let|(?:abstract )?class|interface|type|enum) (\w+)/gm;

export function exportsOf({ text }: SourceFile): Exported[] {
  return [...text.matchAll(declaration)].map(([, kind, name]) => ({
    name: name as string,
    isType: /class|interface|type/.test(kind as string),
  }));
}

/** Whether an exported declaration of the same file speaks of the type: whoever uses that one needs no name for it. */
export function standsInExport({ text }: SourceFile, name: string): boolean {
  const statements = text.split(/^(?=[a-z/])/m).filter((one) => /^export /.test(one));
  const own = new RegExp(`^export (?:declare )?(?:interface|type|(?:abstract )?class) ${name}\\b`);
  return statements.some((one) => !own.test(one) && new RegExp(`\\b${name}\\b`).test(one));
}

/** Names of files in comments, each as it stands there; what begins with / or @ is a path of another kind. */
export function filesInComments(text: string): string[] {
  const comments = text.matchAll(/(?:^|\s)\/\/.*$|\/\*[\s\S]*?\*\//gm);
  const name = /(?<![\w./:*<>@-])[\w.][\w./-]*\.(?:ts|mjs|js|json|md|toml|wit|wast|c|h)\b(?![\w(/])/g;
  return [...comments].flatMap(([comment]) => comment.match(name) ?? []);
}
