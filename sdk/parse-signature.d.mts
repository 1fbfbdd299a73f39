/** A type of the component model: `args` of a list, option, tuple or handle, `fields` of records, variants and enums. */
export interface SignatureType {
  readonly name: string;
  readonly args?: readonly SignatureType[];
  readonly fields?: readonly { readonly name: string; readonly type?: SignatureType | undefined }[];
}

export interface PlainFunction {
  readonly kind: 'method' | 'static' | 'constructor' | undefined;
  readonly resource: string | undefined;
  readonly method: string;
  readonly params: readonly SignatureType[];
  readonly result: SignatureType | undefined;
}

export function plainFunctions(signatures: Readonly<Record<string, string>>): readonly PlainFunction[];
export function camel(name: string): string;
export function pascal(name: string): string;
