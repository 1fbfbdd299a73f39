// The two kinds of names in a manifest: kebab-case component ids and lower snake_case variables, by Spin's rules.

/** Says what is wrong with a component id; undefined for a valid one. Each word may be all upper or all lower case. */
export function kebabIdFault(id: string): string | undefined {
  return wordsFault(id, '-', '_', false);
}

/** Says what is wrong with the name of a variable; undefined for a valid one. */
export function variableNameFault(name: string): string | undefined {
  return wordsFault(name, '_', '-', true);
}

function wordsFault(text: string, delimiter: string, wrong: string, lower: boolean): string | undefined {
  if (text === '') return 'it is empty';
  if (text.includes(wrong)) return `words are separated by '${delimiter}', not '${wrong}'`;
  for (const [index, word] of text.split(delimiter).entries()) {
    if (word === '') return `a '${delimiter}' stands without a word beside it`;
    if (!/^[A-Za-z0-9:]+$/.test(word)) return 'only ASCII letters and digits may stand in a word';
    if (!/^[A-Za-z]/.test(word) && !(index > 0 && /^[0-9]/.test(word))) return 'it must start with a letter';
    if (word !== word.toLowerCase() && (lower || word !== word.toUpperCase())) {
      return lower ? 'it must be in lower case' : 'a word must be all in lower or all in upper case';
    }
  }
  return undefined;
}

/** Turns any text into a kebab-case name, which is empty when no character of the text can stand in one. */
export function toKebab(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .toLowerCase()
    .replace(/^[-0-9]+|-+$/g, '');
}
