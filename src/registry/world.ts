// What a component imports and exports, by name, as an artifact's config says it.
import { decodeComponent } from '../component/binary/decode.ts';
import { MayflyError } from '../errors.ts';

export interface World {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
}

/** Undefined for a core module. Throws `usage` for what is neither, `component-invalid` for a broken component. */
export function worldOf(bytes: Uint8Array, file: string): World | undefined {
  const head = Buffer.from(bytes.subarray(0, 8));
  if (head.equals(Buffer.from('\0asm\x01\0\0\0', 'latin1'))) return undefined;
  if (!head.equals(Buffer.from('\0asm\x0d\0\x01\0', 'latin1'))) {
    throw new MayflyError('usage', `"${file}" is neither a component nor a core module of WebAssembly`);
  }
  const { definitions } = decodeComponent(bytes, file);
  const namesOf = (kind: 'import' | 'export'): string[] =>
    definitions.flatMap((one) => (one.kind === kind ? [one.name.name] : [])).sort();
  return { imports: namesOf('import'), exports: namesOf('export') };
}
