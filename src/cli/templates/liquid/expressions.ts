// Expressions of Liquid: literals, names, filters and conditions.
import { LiquidSyntaxError } from './syntax-error.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | {
      readonly kind: 'filter';
      readonly name: string;
      readonly input: Expression;
      readonly args: readonly Expression[];
    };

export type Condition =
  | { readonly kind: 'value'; readonly value: Expression }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'compare'; readonly left: Expression; readonly operator: string; readonly right: Expression };

export type Value = string | number | boolean | null | readonly string[];

const operators = ['==', '!=', '<>', '<=', '>=', '<', '>', 'contains'];

/** The words of an expression, which are taken one by one. */
export class Tokens {
  readonly #words: readonly string[];
  #at = 0;

  constructor(text: string) {
    const words =
      text.match(/"[^"]*"|'[^']*'|-?\d+(?:\.\d+)?|[A-Za-z_][\w-]*(?:\.[\w-]+)*|[=!<>]=|<>|[<>|:,]|\S/g) ?? [];
    this.#words = words;
  }

  get peek(): string | undefined {
    return this.#words[this.#at];
  }

  next(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw new LiquidSyntaxError('Something is missing');
    return word;
  }

  take(word: string): boolean {
    if (this.peek !== word) return false;
    this.#at++;
    return true;
  }

  end(): void {
    if (this.peek !== undefined) throw new LiquidSyntaxError(`'${this.peek}' is too much`);
  }
}

const words: Readonly<Record<string, Value>> = {
  true: true,
  false: false,
  nil: null,
  null: null,
  empty: '',
  blank: '',
};

export function parseExpression(tokens: Tokens): Expression {
  const word = tokens.next();
  if (/^["']/.test(word) && word.length > 1) return { kind: 'literal', value: word.slice(1, -1) };
  if (/^-?\d/.test(word)) return { kind: 'literal', value: Number(word) };
  if (Object.hasOwn(words, word)) return { kind: 'literal', value: words[word]! };
  if (/^[A-Za-z_]/.test(word)) return { kind: 'name', name: word };
  throw new LiquidSyntaxError(`'${word}' is no value`);
}

/** An expression with filters, up to the end. */
export function parseFiltered(tokens: Tokens): Expression {
  let value = parseExpression(tokens);
  while (tokens.take('|')) {
    const name = tokens.next();
    const args: Expression[] = [];
    if (tokens.take(':')) {
      do args.push(parseExpression(tokens));
      while (tokens.take(','));
    }
    value = { kind: 'filter', name, input: value, args };
  }
  tokens.end();
  return value;
}

/** A condition up to the end: the last `and` or `or` binds first, as Liquid has it. */
export function parseCondition(tokens: Tokens): Condition {
  const left = parseComparison(tokens);
  if (tokens.take('and')) return { kind: 'and', left, right: parseCondition(tokens) };
  if (tokens.take('or')) return { kind: 'or', left, right: parseCondition(tokens) };
  tokens.end();
  return left;
}

function parseComparison(tokens: Tokens): Condition {
  const left = parseExpression(tokens);
  const operator = tokens.peek;
  if (operator === undefined || !operators.includes(operator)) return { kind: 'value', value: left };
  tokens.next();
  return { kind: 'compare', left, operator, right: parseExpression(tokens) };
}
