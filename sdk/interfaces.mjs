// The interfaces of the host that engine components import beyond those of WASI, as WIT. It is printed from the types of
// their functions (src/host/*/signatures.json): types there have no names, so they get numbers here; to the component
// model types are the same whatever they are called.
import { plainFunctions } from './parse-signature.mjs';
import { readSignatures } from './signatures.mjs';

/** Those whose functions are asynchronous are left out: engines call plain ones. */
export const hostInterfaceNames = [
  'fermyon:spin/key-value@2.0.0',
  'fermyon:spin/llm@2.0.0',
  'fermyon:spin/mqtt@2.0.0',
  'fermyon:spin/mysql@2.0.0',
  'fermyon:spin/postgres@2.0.0',
  'fermyon:spin/redis@2.0.0',
  'fermyon:spin/sqlite@2.0.0',
  'fermyon:spin/variables@2.0.0',
  'mayfly:websocket/connections@0.1.0',
  'spin:postgres/postgres@3.0.0',
  'spin:postgres/postgres@4.2.0',
  'spin:sqlite/sqlite@3.1.0',
  'wasi:config/store@0.2.0-draft-2024-09-27',
  'wasi:keyvalue/store@0.2.0-draft2',
  'wasi:keyvalue/batch@0.2.0-draft2',
  'wasi:keyvalue/atomics@0.2.0-draft2',
];

/** `{ names, wit }`: what programs may import, and the packages. Functions that are asynchronous are left out. */
export async function hostInterfaces(names = hostInterfaceNames) {
  const all = await readSignatures();
  const packages = new Map();
  for (const name of names) {
    const [, space, one, version] = /^([^/]+)\/([^@]+)@(.+)$/.exec(name);
    const key = `${space}@${version}`;
    packages.set(key, [...(packages.get(key) ?? []), printInterface(`${space}/${one}`, one, all[name])]);
  }
  return { names, wit: [...packages].map(([key, parts]) => `package ${key} {\n${parts.join('\n')}\n}`).join('\n') };
}

function printInterface(path, name, functions) {
  const printer = new Printer(path);
  const resources = new Map();
  const plain = [];
  for (const { kind, resource, method, params, result } of plainFunctions(functions)) {
    const list = params.map((type, index) => `a${index}: ${printer.print(type)}`).join(', ');
    const gives = result ? ` -> ${printer.print(result)}` : '';
    if (!kind) plain.push(`  ${method}: func(${list})${gives};`);
    else {
      const line =
        kind === 'constructor'
          ? `    constructor(${list});`
          : `    ${method}: ${kind === 'static' ? 'static ' : ''}func(${list})${gives};`;
      resources.set(resource, [...(resources.get(resource) ?? []), line]);
    }
  }
  const blocks = [...resources].map(([resource, lines]) => `  resource ${resource} {\n${lines.join('\n')}\n  }`);
  const uses = [...printer.uses].map(([from, used]) => `  use ${from}.{${used}};`);
  return `interface ${name} {\n${[...uses, ...printer.types, ...blocks, ...plain].join('\n')}\n}`;
}

/** Prints types, and collects those that need a name. */
class Printer {
  types = [];
  uses = new Map();
  #known = new Map();
  #path;

  constructor(path) {
    this.#path = path;
  }

  print(type) {
    if (type.fields === undefined && type.args === undefined) return type.name;
    if (type.name === 'own' || type.name === 'borrow') {
      const at = type.args[0].name.lastIndexOf('/');
      const [from, resource] = [type.args[0].name.slice(0, at), type.args[0].name.slice(at + 1)];
      if (from !== this.#path) this.uses.set(from.slice(from.indexOf('/') + 1), resource);
      return type.name === 'own' ? resource : `borrow<${resource}>`;
    }
    if (type.fields === undefined) return `${type.name}<${type.args.map((one) => this.print(one)).join(', ')}>`;
    const body = type.fields.map(({ name, type: inner }) => {
      if (inner === undefined) return `%${name}`;
      return type.name === 'record' ? `%${name}: ${this.print(inner)}` : `%${name}(${this.print(inner)})`;
    });
    const text = `${type.name} NAME { ${body.join(', ')} }`;
    if (!this.#known.has(text)) {
      this.#known.set(text, `t${this.#known.size}`);
      this.types.push(`  ${text.replace('NAME', this.#known.get(text))}`);
    }
    return this.#known.get(text);
  }
}
