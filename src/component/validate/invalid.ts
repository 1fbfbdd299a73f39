// How the validator rejects something. definitions.ts adds the byte offset and makes a MayflyError of it.

export class Invalid extends Error {
  override readonly name = 'Invalid';
}

export function invalid(message: string): never {
  throw new Invalid(message);
}

/** A noun with its article: `a func`, `an instance`. */
export function withArticle(noun: string): string {
  return `${/^[aeio]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
