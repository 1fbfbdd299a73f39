// WIT text for interfaces of which only the functions' types are kept (the files `signatures.json` of the host services):
// types get names of no meaning, which are no part of a component's types.
import { parseSignature, type Signature, type Type } from './signature.ts';

/** Interface with its version → function → type. */
export type Interfaces = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One text with a nested package for each package that there is among the interfaces. */
export function witOf(interfaces: Interfaces): string {
  const packages = Map.groupBy(Object.entries(interfaces), ([name]) => splitName(name).package);
  return [...packages]
    .map(([name, all]) => {
      const bodies = all.map(([full, functions]) => interfaceText(splitName(full).interface, functions));
      return `package ${name} {\n${bodies.join('\n')}\n}`;
    })
    .join('\n');
}

/** `a:b/c@1.0.0` → `a:b@1.0.0` and `c`. */
export function splitName(full: string): { readonly package: string; readonly interface: string } {
  const [, namespace = '', name = '', version = ''] = /^([^/]+)\/([^@]+)(@.*)?$/.exec(full) ?? [];
  return { package: `${namespace}${version}`, interface: name };
}

function interfaceText(name: string, functions: Readonly<Record<string, string>>): string {
  const types = new Map<string, string>();
  const used = new Set<string>();
  const resources = new Map<string, string[]>();
  const free: string[] = [];
  const print = (type: Type): string => typeText(type, types, used, name);
  for (const [label, text] of Object.entries(functions)) {
    const signature = parseSignature(text);
    const [, kind, resource, method] = /^\[(\w+)\]([\w-]+)(?:\.(.+))?$/.exec(label) ?? [];
    if (resource === undefined) {
      free.push(`${label}: ${functionText(signature, signature.params, print)};`);
      continue;
    }
    const lines = resources.get(resource) ?? [];
    resources.set(resource, lines);
    const params = kind === 'method' ? signature.params.slice(1) : signature.params;
    if (kind === 'constructor') lines.push(`constructor(${paramsText(params, print)});`);
    else lines.push(`%${method}: ${functionText(signature, params, print, kind === 'static' ? 'static ' : '')};`);
  }
  const own = [...resources].map(([resource, lines]) => `resource ${resource} { ${lines.join(' ')} }`);
  const uses = [...used].map((one) => `use ${one};`);
  const named = [...types].map(([text, id]) => text.replace(/^(\w+)/, `$1 ${id}`));
  return `interface ${name} {\n${[...uses, ...own, ...named, ...free.map((one) => `%${one}`)].join('\n')}\n}`;
}

function functionText(
  { isAsync, result }: Signature,
  params: readonly Type[],
  print: (type: Type) => string,
  how = '',
): string {
  const answer = result === undefined ? '' : ` -> ${print(result)}`;
  return `${how}${isAsync ? 'async ' : ''}func(${paramsText(params, print)})${answer}`;
}

function paramsText(params: readonly Type[], print: (type: Type) => string): string {
  return params.map((type, index) => `p${index}: ${print(type)}`).join(', ');
}

/** Records, variants, enums and flags get a name of their own; the text of each is kept in `types`, before its users. */
function typeText({ kind, parts }: Type, types: Map<string, string>, used: Set<string>, inside: string): string {
  const inner = (type: Type | undefined): string => (type === undefined ? '_' : typeText(type, types, used, inside));
  if (kind === 'own' || kind === 'borrow') {
    const [, owner = '', resource = ''] = /\/([^/]+)\/([^/]+)$/.exec(parts[0]?.name ?? '') ?? [];
    if (owner !== inside) used.add(`${owner}.{${resource}}`);
    return kind === 'own' ? resource : `borrow<${resource}>`;
  }
  if (!['record', 'variant', 'enum', 'flags'].includes(kind))
    return parts.length === 0 ? kind : `${kind}<${parts.map(({ type }) => inner(type)).join(', ')}>`;
  const lines = parts.map(({ name, type }) => {
    if (type === undefined) return `%${name}`;
    return kind === 'record' ? `%${name}: ${inner(type)}` : `%${name}(${inner(type)})`;
  });
  const text = `${kind} { ${lines.join(', ')} }`;
  const id = types.get(text) ?? `t${types.size}`;
  types.set(text, id);
  return id;
}
