// S-expressions of the WebAssembly text format, with the source range of each. Knows no directives.

export type Node = ListNode | AtomNode | StringNode;
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
  readonly start: number;
  readonly end: number;
}
export interface AtomNode {
  readonly kind: 'atom';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}
export interface StringNode {
  readonly kind: 'string';
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const ATOM_END = /[\s()";]/;

/** All top-level expressions of `source`. Throws on unbalanced parentheses and open strings or comments. */
export function parseSexprs(source: string): Node[] {
  const open: { items: Node[]; start: number }[] = [{ items: [], start: 0 }];
  for (let at = skipBlank(source, 0); at < source.length; at = skipBlank(source, at)) {
    const char = source[at]!;
    const top = open[open.length - 1]!;
    if (char === '(') open.push({ items: [], start: at++ });
    else if (char === ')') {
      if (open.length === 1) throw new Error(`Unbalanced ")" in line ${lineOf(source, at)}`);
      open.pop();
      open[open.length - 1]!.items.push({ kind: 'list', items: top.items, start: top.start, end: ++at });
    } else {
      const node = char === '"' ? readString(source, at) : readAtom(source, at);
      top.items.push(node);
      at = node.end;
    }
  }
  if (open.length > 1) throw new Error(`"(" in line ${lineOf(source, open[1]!.start)} is never closed`);
  return open[0]!.items;
}

export function lineOf(source: string, offset: number): number {
  let line = 1;
  for (let at = source.indexOf('\n'); at >= 0 && at < offset; at = source.indexOf('\n', at + 1)) line++;
  return line;
}

function skipBlank(source: string, start: number): number {
  let at = start;
  while (at < source.length) {
    if (/\s/.test(source[at]!)) at++;
    else if (source.startsWith(';;', at)) at = endOfLine(source, at);
    else if (source.startsWith('(;', at)) at = endOfBlockComment(source, at);
    else break;
  }
  return at;
}

function endOfLine(source: string, start: number): number {
  const end = source.indexOf('\n', start);
  return end < 0 ? source.length : end;
}

function endOfBlockComment(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source.startsWith('(;', at)) depth++;
    else if (source.startsWith(';)', at) && --depth === 0) return at + 2;
    else continue;
    at++;
  }
  throw new Error(`Comment in line ${lineOf(source, start)} is never closed`);
}

function readAtom(source: string, start: number): AtomNode {
  let end = start;
  while (end < source.length && !ATOM_END.test(source[end]!)) end++;
  return { kind: 'atom', text: source.slice(start, end), start, end };
}

const escapes: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, '"': 34, "'": 39, '\\': 92 };

function readString(source: string, start: number): StringNode {
  const bytes: number[] = [];
  let at = start + 1;
  while (source[at] !== '"') {
    if (at >= source.length) throw new Error(`String in line ${lineOf(source, start)} is never closed`);
    at = readCharacter(source, at, bytes);
  }
  return { kind: 'string', bytes: Uint8Array.from(bytes), start, end: at + 1 };
}

/** Appends the bytes of the character or escape at `at`; the offset after it. */
function readCharacter(source: string, at: number, into: number[]): number {
  const codePoint = source.codePointAt(at)!;
  if (source[at] !== '\\') {
    into.push(...new TextEncoder().encode(String.fromCodePoint(codePoint)));
    return at + (codePoint > 0xffff ? 2 : 1);
  }
  const escaped = source[at + 1]!;
  if (escaped in escapes) {
    into.push(escapes[escaped]!);
    return at + 2;
  }
  const unicode = /^u\{([0-9a-fA-F_]+)\}/.exec(source.slice(at + 1, at + 20));
  if (unicode) {
    into.push(...new TextEncoder().encode(String.fromCodePoint(Number.parseInt(unicode[1]!.replaceAll('_', ''), 16))));
    return at + 1 + unicode[0].length;
  }
  into.push(Number.parseInt(source.slice(at + 1, at + 3), 16));
  return at + 3;
}

export function text(node: Node | undefined): string | undefined {
  if (node?.kind === 'atom') return node.text;
  if (node?.kind === 'string') return new TextDecoder().decode(node.bytes);
  return undefined;
}

export function list(node: Node | undefined): readonly Node[] {
  return node?.kind === 'list' ? node.items : [];
}
