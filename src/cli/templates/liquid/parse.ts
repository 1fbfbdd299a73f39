// Parses a template of the language Liquid, as far as templates of Spin use it: outputs with filters, conditions, cases,
// loops, assignments, captures, partials, comments and raw text, with `-` for white space. https://shopify.github.io/liquid
import {
  type Condition,
  type Expression,
  parseCondition,
  parseExpression,
  parseFiltered,
  Tokens,
} from './expressions.ts';
import { LiquidSyntaxError } from './syntax-error.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'output'; readonly value: Expression }
  | { readonly kind: 'if'; readonly branches: readonly Branch[] }
  | { readonly kind: 'for'; readonly name: string; readonly list: Expression; readonly body: readonly Node[] }
  | { readonly kind: 'assign'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'capture'; readonly name: string; readonly body: readonly Node[] }
  | {
      readonly kind: 'partial';
      readonly name: Expression;
      readonly values: readonly (readonly [string, Expression])[];
    };

interface Branch {
  /** Undefined for `else`. */
  readonly condition: Condition | undefined;
  readonly body: readonly Node[];
}

interface Piece {
  readonly kind: 'text' | 'output' | 'tag';
  readonly text: string;
}

/** Throws `LiquidSyntaxError`, and whatever `parseExpression` throws. */
export function parseLiquid(text: string): Node[] {
  const parser = new Parser(splitPieces(text));
  const { body, ended } = parser.body([]);
  if (ended !== undefined) throw new LiquidSyntaxError(`'${ended}' ends nothing`);
  return body;
}

function splitPieces(text: string): Piece[] {
  const pieces: Piece[] = [];
  const mark =
    /\{\{(-?)([\s\S]*?)(-?)\}\}|\{%(-?)\s*raw\s*(-?)%\}([\s\S]*?)\{%(-?)\s*endraw\s*(-?)%\}|\{%(-?)([\s\S]*?)(-?)%\}/g;
  let at = 0;
  let trimsNext = false;
  const addText = (part: string, trimsEnd: boolean): void => {
    const begun = trimsNext ? part.trimStart() : part;
    pieces.push({ kind: 'text', text: trimsEnd ? begun.trimEnd() : begun });
  };
  for (const found of text.matchAll(mark)) {
    const [whole, before, output, after, rawBefore, rawInner, raw, rawEnd, rawAfter, tagBefore, tag, tagAfter] = found;
    addText(text.slice(at, found.index), Boolean(before || rawBefore || tagBefore));
    at = found.index + whole.length;
    trimsNext = Boolean(after || rawAfter || tagAfter);
    if (output !== undefined) pieces.push({ kind: 'output', text: output.trim() });
    else if (raw === undefined) pieces.push({ kind: 'tag', text: tag!.trim() });
    else {
      const begun = rawInner ? raw.trimStart() : raw;
      pieces.push({ kind: 'text', text: rawEnd ? begun.trimEnd() : begun });
    }
  }
  addText(text.slice(at), false);
  if (/\{\{|\{%/.test(text.slice(at))) throw new LiquidSyntaxError('A tag is not closed');
  return pieces;
}

class Parser {
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Reads up to a tag of one of these names, or to the end. */
  body(ends: readonly string[]): { body: Node[]; ended?: string; rest: string } {
    const body: Node[] = [];
    for (; this.#at < this.#pieces.length; ) {
      const { kind, text } = this.#pieces[this.#at++]!;
      if (kind === 'text' && text !== '') body.push({ kind, text });
      if (kind === 'output') body.push({ kind, value: parseFiltered(new Tokens(text)) });
      if (kind !== 'tag') continue;
      const [, name = '', rest = ''] = /^(#|\w+)\s*([\s\S]*)$/.exec(text) ?? [];
      if (ends.includes(name)) return { body, ended: name, rest };
      const node = this.#tag(name, rest);
      if (node) body.push(node);
    }
    if (ends.length > 0) throw new LiquidSyntaxError(`'${ends.at(-1)}' is missing`);
    return { body, rest: '' };
  }

  #tag(name: string, rest: string): Node | undefined {
    switch (name) {
      case '#':
        return undefined;
      case 'comment':
        this.#skipComment();
        return undefined;
      case 'if':
        return { kind: 'if', branches: this.#branches(parseCondition(new Tokens(rest)), 'endif') };
      case 'unless': {
        const not: Condition = { kind: 'not', condition: parseCondition(new Tokens(rest)) };
        return { kind: 'if', branches: this.#branches(not, 'endunless') };
      }
      case 'case':
        return this.#case(parseExpression(new Tokens(rest)));
      case 'for':
        return this.#for(rest);
      case 'assign':
      case 'capture':
        return this.#named(name, rest);
      case 'render':
      case 'include':
        return partial(rest);
      default:
        throw new LiquidSyntaxError(`There is no tag '${name}'`);
    }
  }

  #skipComment(): void {
    while (this.#at < this.#pieces.length) {
      const { kind, text } = this.#pieces[this.#at++]!;
      if (kind === 'tag' && text === 'endcomment') return;
    }
    throw new LiquidSyntaxError("'endcomment' is missing");
  }

  #branches(first: Condition, end: string): Branch[] {
    const branches: Branch[] = [];
    for (let condition: Condition | undefined = first; ; ) {
      const { body, ended, rest } = this.body(['elsif', 'else', end]);
      branches.push({ condition, body });
      if (ended === end) return branches;
      condition = ended === 'elsif' ? parseCondition(new Tokens(rest)) : undefined;
    }
  }

  #case(value: Expression): Node {
    const branches: Branch[] = [];
    const before = this.body(['when', 'endcase']);
    for (let { ended, rest } = before; ended !== 'endcase'; ) {
      const condition = ended === 'else' ? undefined : whenOf(value, new Tokens(rest));
      const next = this.body(['when', 'else', 'endcase']);
      branches.push({ condition, body: next.body });
      ({ ended, rest } = next);
    }
    return { kind: 'if', branches };
  }

  #for(rest: string): Node {
    const [, name, list] = /^([\w-]+)\s+in\s+([\s\S]+)$/.exec(rest) ?? [];
    if (name === undefined || list === undefined) throw new LiquidSyntaxError("'for' needs 'name in list'");
    return { kind: 'for', name, list: parseFiltered(new Tokens(list)), body: this.body(['endfor']).body };
  }

  #named(kind: 'assign' | 'capture', rest: string): Node {
    const [, name, value] = /^([\w-]+)\s*(?:=\s*([\s\S]+))?$/.exec(rest) ?? [];
    if (name === undefined) throw new LiquidSyntaxError(`'${kind}' needs a name`);
    if (kind === 'capture') return { kind, name, body: this.body(['endcapture']).body };
    if (value === undefined) throw new LiquidSyntaxError("'assign' needs a value");
    return { kind, name, value: parseFiltered(new Tokens(value)) };
  }
}

/** `when a, b or c` */
function whenOf(value: Expression, tokens: Tokens): Condition {
  let condition: Condition = { kind: 'compare', left: value, operator: '==', right: parseExpression(tokens) };
  while (tokens.take(',') || tokens.take('or')) {
    const right: Condition = { kind: 'compare', left: value, operator: '==', right: parseExpression(tokens) };
    condition = { kind: 'or', left: condition, right };
  }
  return condition;
}

/** `'name', key: value, …` */
function partial(rest: string): Node {
  const tokens = new Tokens(rest);
  const name = parseExpression(tokens);
  const values: [string, Expression][] = [];
  while (tokens.take(',')) {
    const key = tokens.next();
    if (!tokens.take(':')) throw new LiquidSyntaxError("A partial's value needs 'key: value'");
    values.push([key, parseExpression(tokens)]);
  }
  return { kind: 'partial', name, values };
}
