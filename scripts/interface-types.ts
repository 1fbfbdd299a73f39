// The interfaces of the host that programs may import, as TypeScript has them: types/interfaces.d.ts is made of what the
// functions' signatures say. Types there have no names, so they get numbers here.
import { hostInterfaceNames } from '../sdk/interfaces.mjs';
import { camel, pascal, plainFunctions, type SignatureType } from '../sdk/parse-signature.mjs';
import { readSignatures } from '../sdk/signatures.mjs';

const head = `// What compilers see of the host's interfaces in a program: import { Store } from 'fermyon:spin/key-value@2.0.0'.
// Errors of an interface are thrown: the variant itself, or as \`payload\` of an error. mayfly/sdk is made of these.
// Made by scripts/docs.ts of the functions' types.
`;

/** The text of the file. */
export async function interfaceTypes(): Promise<string> {
  const all = await readSignatures();
  return head + hostInterfaceNames.map((name) => `\n${moduleOf(name, all[name] ?? {})}`).join('');
}

function moduleOf(name: string, functions: Readonly<Record<string, string>>): string {
  const types = new Types();
  const plain: string[] = [];
  const classes = new Map<string, string[]>();
  for (const { kind, resource = '', method, params, result } of plainFunctions(functions)) {
    const list = params.map((type, index) => `${paramName(index)}: ${types.print(type)}`).join(', ');
    const gives = types.resultOf(result);
    if (kind === undefined) {
      plain.push(`  export function ${camel(method)}(${list}): ${gives};`);
      continue;
    }
    const line = {
      constructor: `constructor(${list});`,
      method: `${camel(method)}(${list}): ${gives};`,
      static: `static ${camel(method)}(${list}): ${gives};`,
    }[kind];
    classes.set(resource, [...(classes.get(resource) ?? []), `    ${line}`]);
  }
  const blocks = [...classes].map(([resource, lines]) => {
    // Resources that something else makes have no constructor.
    const hidden = lines.some((line) => line.startsWith('    constructor')) ? [] : ['    private constructor();'];
    return `  export class ${pascal(resource)} {\n${[...hidden, ...lines].join('\n')}\n  }`;
  });
  const body = [...types.uses(name), ...types.lines, ...blocks, ...plain, '  export {};'].join('\n');
  return `declare module '${name}' {\n${body}\n}\n`;
}

const paramName = (index: number): string => String.fromCharCode(97 + index);

const plainTypes: Readonly<Record<string, string>> = {
  bool: 'boolean',
  s64: 'bigint',
  u64: 'bigint',
  string: 'string',
  char: 'string',
};

class Types {
  /** Types that got a name. */
  readonly lines: string[] = [];
  readonly #known = new Map<string, string>();
  readonly #used = new Map<string, string>();

  /** What a function gives: errors are thrown. */
  resultOf(type: SignatureType | undefined): string {
    if (type === undefined) return 'void';
    if (type.name !== 'result') return this.print(type);
    const ok = type.args?.[0];
    return ok === undefined || ok.name === '_' ? 'void' : this.print(ok);
  }

  /** Imports of resources of other interfaces. */
  uses(ofModule: string): string[] {
    const version = ofModule.split('@')[1] ?? '';
    const own = ofModule.split('@')[0];
    return [...this.#used]
      .filter(([, from]) => from !== own)
      .map(([resource, from]) => `  import type { ${pascal(resource)} } from '${from}@${version}';`);
  }

  print(type: SignatureType): string {
    const { name, args = [], fields } = type;
    if (name === 'own' || name === 'borrow') return this.#resource(args[0]?.name ?? '');
    if (fields !== undefined) return this.#named(name === 'record' ? this.#record(fields) : this.#union(fields, name));
    const inner = args.map((one) => this.print(one));
    if (name === 'list' && args[0]?.name === 'u8') return 'Uint8Array';
    if (name === 'list') return inner[0] === 'number' ? 'ArrayLike<number>' : `${grouped(inner[0] ?? '')}[]`;
    if (name === 'option') return `${inner[0]} | undefined`;
    if (name === 'tuple') return `[${inner.join(', ')}]`;
    return plainTypes[name] ?? 'number';
  }

  #resource(path: string): string {
    const at = path.lastIndexOf('/');
    this.#used.set(path.slice(at + 1), path.slice(0, at));
    return pascal(path.slice(at + 1));
  }

  #record(fields: NonNullable<SignatureType['fields']>): string {
    const parts = fields.map(({ name, type }) => {
      const isOption = type?.name === 'option';
      return `${camel(name)}${isOption ? '?' : ''}: ${type ? this.print(type) : 'undefined'}`;
    });
    return `{ ${parts.join('; ')} }`;
  }

  #union(fields: NonNullable<SignatureType['fields']>, kind: string): string {
    if (kind === 'enum') return fields.map(({ name }) => `'${name}'`).join(' | ');
    return fields
      .map(({ name, type }) => (type ? `{ tag: '${name}'; val: ${this.print(type)} }` : `{ tag: '${name}' }`))
      .join(' | ');
  }

  #named(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const name = `T${this.#known.size + 1}`;
    this.#known.set(text, name);
    this.lines.push(`  type ${name} = ${text};`);
    return name;
  }
}

/** Before `[]`. */
function grouped(type: string): string {
  return type.includes(' | ') ? `(${type})` : type;
}
