// Renders a parsed template with the values of its parameters.
import { MayflyError } from '../../../errors.ts';
import type { Condition, Expression, Value } from './expressions.ts';
import { applyFilter, isFilter, textOf } from './filters.ts';
import { type Node, parseLiquid } from './parse.ts';
import { LiquidSyntaxError } from './syntax-error.ts';

export interface RenderOptions {
  readonly values: Readonly<Record<string, string>>;
  /** The texts of partials, by the names of their files. */
  readonly partials?: ReadonlyMap<string, string>;
  /** What is done to each value that is put into the text. */
  readonly escape?: (text: string) => string;
}

/** How deep partials may name each other, and how many characters a file may come to. */
const MOST_DEPTH = 20;
const MOST_CHARACTERS = 64 * 2 ** 20;

/**
 * Renders a text; gives it back as it is when it is no template, as Spin does. Throws `template-invalid` for a filter,
 * a partial or a value that there is not.
 */
export function renderLiquid(text: string, options: RenderOptions): string {
  let nodes: readonly Node[];
  try {
    nodes = parseLiquid(text);
  } catch (error) {
    if (error instanceof LiquidSyntaxError) return text;
    throw error;
  }
  return new Rendering(options, new Map(Object.entries(options.values)), 0).render(nodes);
}

class Rendering {
  readonly #options: RenderOptions;
  readonly #values: Map<string, Value>;
  readonly #depth: number;

  constructor(options: RenderOptions, values: Map<string, Value>, depth: number) {
    this.#options = options;
    this.#values = values;
    this.#depth = depth;
  }

  render(nodes: readonly Node[]): string {
    let text = '';
    for (const node of nodes) {
      text += this.#node(node);
      if (text.length > MOST_CHARACTERS) throw invalid('A file comes to more than 64 MiB');
    }
    return text;
  }

  #node(node: Node): string {
    switch (node.kind) {
      case 'text':
        return node.text;
      case 'output': {
        const text = textOf(this.#value(node.value));
        return this.#options.escape?.(text) ?? text;
      }
      case 'if': {
        const branch = node.branches.find(({ condition }) => condition === undefined || this.#holds(condition));
        return branch ? this.render(branch.body) : '';
      }
      case 'for':
        return this.#for(node);
      case 'assign':
        this.#values.set(node.name, this.#value(node.value));
        return '';
      case 'capture':
        this.#values.set(node.name, this.render(node.body));
        return '';
      case 'partial':
        return this.#partial(node);
    }
  }

  #for({ name, list, body }: Node & { kind: 'for' }): string {
    const values = this.#value(list);
    if (!Array.isArray(values)) return '';
    const text = values.map((value: string) => {
      this.#values.set(name, value);
      return this.render(body);
    });
    this.#values.delete(name);
    return text.join('');
  }

  #partial({ name, values }: Node & { kind: 'partial' }): string {
    const file = textOf(this.#value(name));
    const text = this.#options.partials?.get(file) ?? this.#options.partials?.get(`${file}.liquid`);
    if (text === undefined) throw invalid(`The template has no partial "${file}"`);
    if (this.#depth >= MOST_DEPTH) throw invalid(`The partial "${file}" is in itself`);
    const own = new Map(values.map(([key, value]) => [key, this.#value(value)] as const));
    return new Rendering(this.#options, own, this.#depth + 1).render(parseLiquid(text));
  }

  #value(expression: Expression): Value {
    switch (expression.kind) {
      case 'literal':
        return expression.value;
      case 'name': {
        const value = this.#values.get(expression.name);
        if (value === undefined) throw invalid(`The template uses "${expression.name}", which has no value`);
        return value;
      }
      case 'filter': {
        const { name, input, args } = expression;
        if (!isFilter(name)) throw invalid(`The template uses the filter "${name}", which there is not`);
        return applyFilter(
          name,
          this.#value(input),
          args.map((arg) => this.#value(arg)),
        );
      }
    }
  }

  /** What has no value is nothing in a condition. */
  #orNothing(expression: Expression): Value {
    const isMissing = expression.kind === 'name' && !this.#values.has(expression.name);
    return isMissing ? null : this.#value(expression);
  }

  #holds(condition: Condition): boolean {
    switch (condition.kind) {
      case 'value': {
        const value = this.#orNothing(condition.value);
        return value !== null && value !== false;
      }
      case 'not':
        return !this.#holds(condition.condition);
      case 'and':
        return this.#holds(condition.left) && this.#holds(condition.right);
      case 'or':
        return this.#holds(condition.left) || this.#holds(condition.right);
      case 'compare':
        return compare(condition.operator, this.#orNothing(condition.left), this.#orNothing(condition.right));
    }
  }
}

function compare(operator: string, left: Value, right: Value): boolean {
  const [a, b] = typeof left === 'number' && typeof right === 'number' ? [left, right] : [textOf(left), textOf(right)];
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
    case '<>':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    default:
      return Array.isArray(left) ? left.includes(textOf(right)) : textOf(left).includes(textOf(right));
  }
}

function invalid(message: string): MayflyError {
  return new MayflyError('template-invalid', message, { hint: 'Tell whoever wrote the template' });
}
