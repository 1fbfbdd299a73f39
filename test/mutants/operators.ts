// Small breaks of a source file, made on its syntax tree: a guard that never holds, a bound that is off by one, a
// statement that is missing. Types and texts are left alone.
import { parseAst } from 'rolldown/parseAst';

export interface Break {
  readonly operator: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** `add` replaces a part of the text. */
interface Source {
  readonly text: string;
  add(operator: string, node: Pick<Node, 'start' | 'end'>, replacement: string): void;
}

export function breaksOf(text: string): Break[] {
  const found: Break[] = [];
  const add = (operator: string, { start, end }: Pick<Node, 'start' | 'end'>, replacement: string): void => {
    const line = text.slice(0, start).split('\n').length;
    found.push({ operator, line, start, end, replacement });
  };
  walk(parseAst(text, { lang: 'ts' }) as unknown as Node, { text, add });
  return found;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Nothing that runs stands in them. */
const passive = /^(TS(?!As|NonNull|Satisfies)|ImportDeclaration|ExportAll|TemplateElement)/;

function walk(node: Node, source: Source): void {
  if (passive.test(node.type) || isLogging(node)) return;
  visitors[node.type]?.(node, source);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, source);
  }
}

/** What is written to the log at its finest level is for its readers, not for guests. */
function isLogging(node: Node): boolean {
  if (node.type !== 'CallExpression') return false;
  const callee = node.callee as Node;
  return callee.type === 'MemberExpression' && /^(debug|trace)$/.test(String((callee.property as Node).name));
}

const swapped: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '+': '-',
  '-': '+',
  '*': '+',
  '/': '*',
  '%': '*',
  '&': '|',
  '|': '&',
  '<<': '>>>',
  '>>': '<<',
  '>>>': '<<',
};

const otherCall: Readonly<Record<string, string>> = {
  min: 'max',
  max: 'min',
  some: 'every',
  every: 'some',
  push: 'unshift',
  shift: 'pop',
  pop: 'shift',
  floor: 'ceil',
  ceil: 'floor',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

const visitors: Readonly<Record<string, (node: Node, source: Source) => void>> = {
  LogicalExpression(node, { text, add }) {
    const [left, right] = [node.left as Node, node.right as Node];
    if (node.operator !== '??') add('logic', between(left, right), node.operator === '&&' ? ' || ' : ' && ');
    add('logic', node, text.slice(left.start, left.end));
    if (node.operator !== '??') add('logic', node, text.slice(right.start, right.end));
  },
  BinaryExpression(node, { text, add }) {
    const [left, right] = [node.left as Node, node.right as Node];
    const other = swapped[String(node.operator)];
    if (other === undefined || isText(left) || isText(right)) return;
    const gap = between(left, right);
    const operator = /[=<>]/.test(other) && !/<<|>>/.test(other) ? 'comparison' : 'arithmetic';
    add(operator, gap, text.slice(gap.start, gap.end).replace(String(node.operator), other));
  },
  IfStatement(node, { text, add }) {
    const test = node.test as Node;
    add('condition', test, `!(${text.slice(test.start, test.end)})`);
    add('guard', test, 'false');
    if (node.alternate) add('guard', test, 'true');
  },
  ConditionalExpression(node, { text, add }) {
    for (const branch of [node.consequent as Node, node.alternate as Node]) {
      add('branch', node, `(${text.slice(branch.start, branch.end)})`);
    }
  },
  ExpressionStatement(node, { add }) {
    const { type } = node.expression as Node;
    if (type === 'Literal' || isSuper(node.expression as Node) || isLogging(unwrapped(node.expression as Node))) return;
    add('statement', node, ';');
  },
  ContinueStatement: (node, { add }) => add('statement', node, ';'),
  BreakStatement: (node, { add }) => add('statement', node, ';'),
  UnaryExpression(node, { text, add }) {
    const argument = node.argument as Node;
    if (node.operator === '!') add('condition', node, text.slice(argument.start, argument.end));
  },
  UpdateExpression: (node, { text, add }) => {
    const now = text.slice(node.start, node.end);
    add('arithmetic', node, now.includes('++') ? now.replace('++', '--') : now.replace('--', '++'));
  },
  AssignmentExpression(node, { text, add }) {
    if (node.operator !== '+=' && node.operator !== '-=') return;
    const gap = between(node.left as Node, node.right as Node);
    const other = node.operator === '+=' ? '-=' : '+=';
    if (!isText(node.right as Node)) add('arithmetic', gap, text.slice(gap.start, gap.end).replace(/[+-]=/, other));
  },
  Literal(node, { text, add }) {
    if (typeof node.value === 'boolean') add('boolean', node, String(!node.value));
    if (typeof node.value === 'number' || typeof node.value === 'bigint') {
      add('number', node, typeof node.value === 'bigint' ? `${node.value + 1n}n` : oneMore(text, node));
    }
  },
  CallExpression(node, { add }) {
    const property = (node.callee as Node).property as Node | undefined;
    const other = property && otherCall[String(property.name)];
    if (property && other) add('call', property, other);
  },
  ArrayExpression(node, { text, add }) {
    const elements = node.elements as (Node | null)[];
    if (elements.length < 2 || elements.some((one) => one === null)) return;
    elements.forEach((_, index) => {
      const left = (elements as Node[]).filter((__, other) => other !== index);
      add('element', node, `[${left.map((one) => text.slice(one.start, one.end)).join(', ')}]`);
    });
  },
};

function oneMore(text: string, { start, end, value }: Node): string {
  const isHex = text.slice(start, end).startsWith('0x');
  const next = (value as number) + 1;
  return isHex ? `0x${next.toString(16)}` : String(next);
}

function between(left: Node, right: Node): Pick<Node, 'start' | 'end'> {
  return { start: left.end, end: right.start };
}

/** `+` between texts is no arithmetic. */
function isText(node: Node): boolean {
  return node.type === 'TemplateLiteral' || (node.type === 'Literal' && typeof node.value === 'string');
}

function unwrapped(node: Node): Node {
  return node.type === 'AwaitExpression' ? (node.argument as Node) : node;
}

function isSuper(node: Node): boolean {
  return node.type === 'CallExpression' && (node.callee as Node).type === 'Super';
}
