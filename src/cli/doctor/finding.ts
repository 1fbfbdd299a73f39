// What `mayfly doctor` finds, and what it can do about it.

export interface Finding {
  /** `fixable` is wrong, and can be mended. */
  readonly state: 'ok' | 'note' | 'wrong' | 'fixable';
  readonly text: string;
  /** Mends it. Resolves to what was done, in words; rejects when that fails. */
  readonly fix?: () => Promise<string>;
}
