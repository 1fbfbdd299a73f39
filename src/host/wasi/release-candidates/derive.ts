// Interfaces of release candidates of WASI made of those of 0.2 and 0.3 themselves: most functions are the same in both.
import type { HostFunction, HostInterface } from '../../../component/types/val-type.ts';
import signatures from '../signatures-0.2.json' with { type: 'json' };

type Signatures = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Changes {
  /** Names of functions that the candidate does not have. */
  readonly without?: readonly string[];
  /** Functions that are new, or have another type: name → type, as types/print.ts writes it. */
  readonly types?: Readonly<Record<string, string>>;
  /** What they do: every function of `types`, unless the one of 0.2 of the same name does. */
  readonly functions?: Readonly<Record<string, HostFunction>>;
  /** Old name → new name of functions that only were renamed: 0.2 → candidate. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Resources that 0.2 has in another interface. */
  readonly resources?: HostInterface['resources'];
}

/**
 * Resources get identities of their own: the two versions of a type are never the same to a component. `typeText`
 * rewrites the types of all functions that are taken over.
 */
export function derive(
  base: HostInterface,
  version: string,
  changes: Changes = {},
  typeText: (text: string) => string = (text) => text,
): HostInterface {
  const functions: Record<string, HostFunction> = {};
  const types: Record<string, string> = {};
  for (const [name, func] of Object.entries(base.functions)) {
    if (changes.without?.includes(name)) continue;
    const newName = changes.renamed?.[name] ?? name;
    functions[newName] = func;
    types[newName] = typeText((signatures as Signatures)[base.name]?.[name] ?? '');
  }
  return {
    ...base,
    version,
    functions: { ...functions, ...changes.functions },
    signatures: { ...types, ...changes.types },
    resources: fresh({ ...base.resources, ...changes.resources }),
  };
}

/** The candidate of 0.3 that Spin 4 and its SDKs had before 0.3.0: no function or type differs. */
export const RC_2026_03_15 = '0.3.0-rc-2026-03-15';

/** An interface that did not change between `version` and `base`. */
export function sameIn(base: HostInterface, version: string): HostInterface {
  return { ...base, version, resources: fresh(base.resources) };
}

function fresh(resources: HostInterface['resources']): HostInterface['resources'] {
  return Object.fromEntries(Object.entries(resources).map(([name, resource]) => [name, { ...resource }]));
}

/** The type of a function of 0.2, to take parts of it. */
export function signatureOf(interfaceName: string, functionName: string): string {
  const text = (signatures as Signatures)[interfaceName]?.[functionName];
  if (text === undefined) throw new TypeError(`No ${functionName} in ${interfaceName}`);
  return text;
}

/** What stands between the outer brackets of `result<…, …>`, split at the comma between them. */
export function resultParts(text: string): { ok: string; err: string } {
  const inner = text.slice(text.lastIndexOf(' -> ') + ' -> result<'.length, -1);
  let depth = 0;
  for (let at = 0; at < inner.length; at++) {
    const char = inner[at]!;
    if ('<{('.includes(char)) depth++;
    else if ('>})'.includes(char)) depth--;
    else if (char === ',' && depth === 0) return { ok: inner.slice(0, at), err: inner.slice(at + 2) };
  }
  return { ok: inner, err: '' };
}
