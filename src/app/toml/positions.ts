// Finds where in a TOML text each key and value stands, since smol-toml keeps no positions. It reads texts that
// smol-toml accepted (https://toml.io/en/v1.0.0), and validates nothing itself.

export type KeyPath = readonly (string | number)[];

/** A place in a text. Lines and columns count from 1; columns count characters, not bytes. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface PositionIndex {
  /**
   * The position of the key that names the value at `path` (of the value itself in an array), or of its nearest parent.
   */
  key(path: KeyPath): Position;
  /** The position of the value at `path`, or of the nearest parent's key. */
  value(path: KeyPath): Position;
}

interface Node {
  key: number;
  value: number | undefined;
  /** Whether the node was made by `[[…]]`: a header that goes through it means its last element. */
  isTableArray: boolean;
  readonly children: Map<string | number, Node>;
}

export function indexPositions(text: string): PositionIndex {
  const root = newNode(0);
  new Scanner(text).document(root);
  const position = positionsIn(text);
  return {
    key: (path) => position(nearest(root, path).node.key),
    value: (path) => {
      const { node, exact } = nearest(root, path);
      return position(exact ? (node.value ?? node.key) : node.key);
    },
  };
}

/** Gives the line and column of an offset in UTF-16 units, in which JavaScript counts. */
function positionsIn(text: string): (offset: number) => Position {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let line = starts.length;
    while (line > 1 && starts[line - 1]! > offset) line--;
    return { line, column: [...text.slice(starts[line - 1], offset)].length + 1 };
  };
}

function newNode(key: number): Node {
  return { key, value: undefined, isTableArray: false, children: new Map() };
}

function child(node: Node, key: string | number, offset: number): Node {
  const found = node.children.get(key);
  if (found) return found;
  const made = newNode(offset);
  node.children.set(key, made);
  return made;
}

function nearest(root: Node, path: KeyPath): { node: Node; exact: boolean } {
  let node = root;
  for (const key of path) {
    const next = node.children.get(key);
    if (!next) return { node, exact: false };
    node = next;
  }
  return { node, exact: true };
}

function lastElement(node: Node): Node {
  return (node.isTableArray && node.children.get(node.children.size - 1)) || node;
}

interface KeyPart {
  readonly name: string;
  readonly offset: number;
}

class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(root: Node): void {
    let table = root;
    for (this.blanks(); this.at < this.text.length; this.blanks()) {
      if (this.text[this.at] === '[') table = this.header(root);
      else this.pair(table);
    }
  }

  /** Reads `[a.b]` or `[[a.b]]`, and returns the table to which the pairs after it belong. */
  header(root: Node): Node {
    const start = this.at;
    const isArray = this.text.startsWith('[[', start);
    this.at += isArray ? 2 : 1;
    const keys = this.keys();
    this.at += isArray ? 2 : 1;
    let node = root;
    for (const [index, { name }] of keys.entries()) {
      const next = child(node, name, start);
      if (index < keys.length - 1 || !isArray) {
        node = lastElement(next);
      } else {
        next.isTableArray = true;
        node = child(next, next.children.size, start);
      }
    }
    return node;
  }

  pair(table: Node): void {
    let node = table;
    for (const { name, offset } of this.keys()) node = child(node, name, offset);
    this.at++;
    this.spaces();
    this.value(node);
  }

  /** Reads a key, dotted or not, with the spaces around it. */
  keys(): KeyPart[] {
    const keys: KeyPart[] = [];
    do {
      if (keys.length > 0) this.at++;
      this.spaces();
      keys.push({ offset: this.at, name: this.keyPart() });
      this.spaces();
    } while (this.text[this.at] === '.');
    return keys;
  }

  keyPart(): string {
    const quote = this.text[this.at];
    const start = this.at;
    if (quote !== '"' && quote !== "'") {
      this.skipWhile(/[A-Za-z0-9_-]/);
      this.ensureProgress(start);
      return this.text.slice(start, this.at);
    }
    this.string();
    const inside = this.text.slice(start + 1, this.at - 1);
    return quote === '"' ? unescapeBasic(inside) : inside;
  }

  value(node: Node): void {
    node.value = this.at;
    const first = this.text[this.at];
    if (first === '"' || first === "'") this.string();
    else if (first === '[') this.array(node);
    else if (first === '{') this.inlineTable(node);
    else this.skipWhile(/[^,\]}\r\n#]/);
    this.ensureProgress(node.value);
  }

  array(node: Node): void {
    this.at++;
    for (this.blanks(); this.at < this.text.length && this.text[this.at] !== ']'; this.blanks()) {
      if (this.text[this.at] === ',') this.at++;
      else this.value(child(node, node.children.size, this.at));
    }
    this.at++;
  }

  inlineTable(node: Node): void {
    this.at++;
    for (this.blanks(); this.at < this.text.length && this.text[this.at] !== '}'; this.blanks()) {
      if (this.text[this.at] === ',') this.at++;
      else this.pair(node);
    }
    this.at++;
  }

  string(): void {
    const quote = this.text[this.at]!;
    const escapes = quote === '"';
    const fence = this.text.startsWith(quote.repeat(3), this.at) ? quote.repeat(3) : quote;
    this.at += fence.length;
    while (this.at < this.text.length && !this.text.startsWith(fence, this.at)) {
      this.at += escapes && this.text[this.at] === '\\' ? 2 : 1;
    }
    this.at += fence.length;
    // One or two quotes may stand right before the closing fence: `"""a"""""`.
    while (fence.length === 3 && this.text[this.at] === quote) this.at++;
  }

  /** Skips spaces, line ends and comments. */
  blanks(): void {
    for (;;) {
      this.skipWhile(/[\s\uFEFF]/);
      if (this.text[this.at] !== '#') return;
      this.skipWhile(/[^\n]/);
    }
  }

  spaces(): void {
    this.skipWhile(/[ \t]/);
  }

  /** Skips a character that has no place in TOML, so that every text ends. */
  ensureProgress(start: number): void {
    if (this.at === start) this.at++;
  }

  skipWhile(characters: RegExp): void {
    while (this.at < this.text.length && characters.test(this.text[this.at]!)) this.at++;
  }
}

const shortEscapes: Record<string, string> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b' };

function unescapeBasic(text: string): string {
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/gs, (_, x, u, U, short) => {
    const code = x ?? u ?? U;
    return code === undefined ? (shortEscapes[short] ?? short) : String.fromCodePoint(Number.parseInt(code, 16));
  });
}
