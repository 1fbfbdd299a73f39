// Value types as WIT text: types that need a name get one, in order of use.
import type { FuncType, ValType } from '../../src/component/types/val-type.ts';

export interface WitFunction {
  readonly name: string;
  readonly type: FuncType;
}

/** The items of an interface: the functions, and the types that they use. */
export function interfaceItems(functions: readonly WitFunction[]): string {
  const names: Names = { declarations: [] };
  const lines = functions.map(({ name, type }) => {
    const params = type.params.map((param) => `${param.name}: ${reference(param.type, names)}`).join(', ');
    const result = type.result ? ` -> ${reference(type.result, names)}` : '';
    return `${name}: func(${params})${result};`;
  });
  return [...names.declarations, ...lines].map((line) => `  ${line}`).join('\n');
}

interface Names {
  readonly declarations: string[];
}

function declare(keyword: string, body: readonly string[], names: Names): string {
  const name = `t${names.declarations.length}`;
  names.declarations.push(`${keyword} ${name} { ${body.join(', ')} }`);
  return name;
}

const payload = (type: ValType | undefined, names: Names): string => (type ? `(${reference(type, names)})` : '');

function result(ok: ValType | undefined, err: ValType | undefined, names: Names): string {
  if (!ok && !err) return 'result';
  if (!err) return `result<${reference(ok as ValType, names)}>`;
  return `result<${ok ? reference(ok, names) : '_'}, ${reference(err, names)}>`;
}

function reference(type: ValType, names: Names): string {
  switch (type.kind) {
    case 'list':
      return `list<${reference(type.element, names)}>`;
    case 'tuple':
      return `tuple<${type.types.map((one) => reference(one, names)).join(', ')}>`;
    case 'option':
      return `option<${reference(type.type, names)}>`;
    case 'result':
      return result(type.ok, type.err, names);
    case 'record': {
      const fields = type.fields.map((field) => `${field.name}: ${reference(field.type, names)}`);
      return declare('record', fields, names);
    }
    case 'variant': {
      const cases = type.cases.map((one) => one.name + payload(one.type, names));
      return declare('variant', cases, names);
    }
    case 'enum':
    case 'flags':
      return declare(type.kind, type.names, names);
    default:
      return type.kind;
  }
}
