// The parameters of an SQL statement, which are bound by position. node:sqlite binds those with names by their names only,
// and says nothing of their number: so the text is read for them, as SQLite's tokenizer does.
import type { SQLInputValue } from 'node:sqlite';
import { SqlFault, type SqlValue } from './database.ts';

/** From position 1 on: the name with its sign (`?2`, `:a`), undefined without one. */
export type ParameterNames = readonly (string | undefined)[];

const token = new RegExp(
  [
    /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/, // comments
    /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?/, // texts and quoted names
    /(?<number>\?\d*)/,
    /(?<name>[:@$#](?:[\w$\u0080-\uffff]|::)+(?:\([^)]*\))?)/,
    /(?<end>;)/,
    /[\w$\u0080-\uffff]+/, // so that the `$` in a name begins none
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

export function parameterNames(statement: string): ParameterNames {
  if (!/[?:@$#]/.test(statement)) return [];
  const names: (string | undefined)[] = [];
  for (const { groups = {} } of statement.matchAll(token)) {
    const { number, name, end } = groups;
    if (end !== undefined) break;
    if (number === '?') names.push(undefined);
    else if (number !== undefined) put(names, Number(number.slice(1)), number);
    else if (name !== undefined && !names.includes(name)) names.push(name);
  }
  return names;
}

/** More than SQLite allows: it has refused such a statement. */
const MOST = 32_766;

function put(names: (string | undefined)[], position: number, name: string): void {
  if (position < 1 || position > MOST) return;
  while (names.length < position) names.push(undefined);
  names[position - 1] = name;
}

/** The arguments for node:sqlite. Throws an SqlFault when their number is not the one of the statement. */
export function bind(names: ParameterNames, values: readonly SqlValue[]): SQLInputValue[] {
  if (values.length !== names.length) {
    const message = `Wrong number of parameters passed to query. Got ${values.length}, needed ${names.length}`;
    throw new SqlFault(message);
  }
  if (names.every((name) => name === undefined)) return values as SQLInputValue[];
  const named = Object.fromEntries(names.flatMap((name, index) => (name === undefined ? [] : [[name, values[index]]])));
  return [
    named as unknown as SQLInputValue,
    ...(values.filter((_, index) => names[index] === undefined) as SQLInputValue[]),
  ];
}
