/** CanonicalABI.md#canonical-definitions: how the strings of a component instance lie in its memory. */
export type StringEncoding = 'utf8' | 'utf16' | 'latin1+utf16';
