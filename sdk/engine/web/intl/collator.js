// Intl.Collator of https://tc39.es/ecma402/#collator-objects: the order of the Unicode Collation Algorithm for ASCII and for
// Latin letters with their marks. Other letters come after them, by their code points.
import { option, optionsOf, resolve, supported } from './locale.js';

/** The characters of ASCII that are no letters, in their order: spaces and marks, signs, digits. */
const ORDER = '\t\n\v\f\r _-,;:!?.\'"()[]{}@*/\\&#%`^+<=>|~$0123456789';
const weights = new Map([...ORDER].map((character, index) => [character, index + 1]));
const LETTERS = weights.size + 1;
const OTHERS = LETTERS + 26;
const PUNCTUATION = weights.get('$');

/** Marks in their order; others come after them. */
const MARKS = '\u0301\u0300\u0306\u0302\u030c\u030a\u0308\u030b\u0303\u0307\u0338\u0327\u0328\u0304';

/** Letters that are written as others with a mark, or as two, and that normalization leaves as they are. */
const STROKE = String.fromCharCode(MARKS.indexOf('\u0338') + 1);
const TAKEN_AS = new Map(
  ['æae', 'œoe', 'ßss', 'øo', 'đd', 'łl', 'ħh', 'þth'].flatMap(([one, ...letters]) => {
    const text = letters.join('');
    return [
      [one, text],
      [one.toUpperCase(), text.toUpperCase()],
    ];
  }),
);

/** What a text is compared by: the letters, their marks, their cases. */
function keyOf(text, { isNumeric, ignoresPunctuation }) {
  const primary = [];
  const marks = [];
  const cases = [];
  const characters = /[^\x20-\x7e]/.test(text) ? text.normalize('NFD') : text;
  const runs = isNumeric ? characters.split(/(\d+)/) : [characters];
  for (const [index, run] of runs.entries()) {
    if (index % 2 === 1) {
      const digits = run.replace(/^0+(?=\d)/, '');
      // A number comes where its first digit would, then by its length, then by its digits.
      primary.push(weights.get('1'), digits.length, ...digits);
      marks.push('');
      cases.push(0);
    } else addCharacters(run, ignoresPunctuation, primary, marks, cases);
  }
  return { primary, marks, cases };
}

function addCharacters(run, ignoresPunctuation, primary, marks, cases) {
  for (const character of run) {
    if (/\p{M}/u.test(character) && marks.length > 0) {
      const place = MARKS.indexOf(character);
      marks[marks.length - 1] += place < 0 ? character : String.fromCharCode(place + 1);
      continue;
    }
    const letters = TAKEN_AS.get(character);
    for (const one of letters ?? character) {
      const weight = weightOf(one);
      if (weight === 0 || (ignoresPunctuation && weight <= PUNCTUATION)) continue;
      primary.push(weight);
      marks.push(letters ? STROKE : '');
      cases.push(one !== one.toLowerCase() ? 1 : 0);
    }
  }
}

function weightOf(character) {
  const code = character.toLowerCase().codePointAt(0);
  if (code >= 0x61 && code <= 0x7a) return LETTERS + code - 0x61;
  const weight = weights.get(character);
  if (weight !== undefined) return weight;
  // Control characters are not seen; the no-break space is a space.
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  return code === 0xa0 ? weights.get(' ') : OTHERS + code;
}

function compareLists(one, other) {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] !== other[at]) return one[at] < other[at] ? -1 : 1;
  }
  return Math.sign(one.length - other.length);
}

export class Collator {
  #locale;
  #options;
  #bound;

  constructor(locales, options) {
    // biome-ignore lint/correctness/noConstructorReturn: the specification has it callable without new
    if (new.target === undefined) return new Collator(locales, options);
    const given = optionsOf(options);
    this.#locale = resolve(locales, 'Intl.Collator');
    this.#options = {
      usage: option(given, 'usage', ['sort', 'search'], 'sort'),
      sensitivity: option(given, 'sensitivity', ['base', 'accent', 'case', 'variant'], 'variant'),
      ignorePunctuation: Boolean(given.ignorePunctuation),
      collation: 'default',
      numeric: Boolean(given.numeric),
      caseFirst: option(given, 'caseFirst', ['upper', 'lower', 'false'], 'false'),
    };
  }

  get compare() {
    this.#bound ??= (one, other) => this.#compare(String(one), String(other));
    return this.#bound;
  }

  #compare(one, other) {
    if (one === other) return 0;
    const { sensitivity, caseFirst, numeric, ignorePunctuation } = this.#options;
    const how = { isNumeric: numeric, ignoresPunctuation: ignorePunctuation };
    const [first, second] = [keyOf(one, how), keyOf(other, how)];
    const byLetters = compareLists(first.primary, second.primary);
    if (byLetters !== 0) return byLetters;
    const byMarks = sensitivity === 'accent' || sensitivity === 'variant' ? compareLists(first.marks, second.marks) : 0;
    if (byMarks !== 0) return byMarks;
    const byCases = sensitivity === 'case' || sensitivity === 'variant' ? compareLists(first.cases, second.cases) : 0;
    return caseFirst === 'upper' ? 0 - byCases : byCases;
  }

  resolvedOptions() {
    return { locale: this.#locale, ...this.#options };
  }

  static supportedLocalesOf(locales) {
    return supported(locales);
  }

  get [Symbol.toStringTag]() {
    return 'Intl.Collator';
  }
}
