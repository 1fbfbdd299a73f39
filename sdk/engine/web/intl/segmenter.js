// Intl.Segmenter of https://tc39.es/ecma402/#segmenter-objects: characters as people see them, and words (Unicode Standard
// Annex #29). Sentences, and words of languages that are written without spaces, need dictionaries that are not here.
import { option, optionsOf, resolve, supported } from './locale.js';

const EXTEND = '[\\p{M}\\p{EMod}\\u200c\\u200d\\ufe0f\\u{e0020}-\\u{e007f}]*';
/** Letters of India's scripts that a sign joins to the one before. */
const JOINED = `(?:(?<=[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0c4d\\u0d4d]\\u200d?)\\p{L}${EXTEND})*`;
const HANGUL = '[\\u1100-\\u115f]*(?:[\\uac00-\\ud7a3]|[\\u1160-\\u11a7]+)[\\u1160-\\u11ff]*|[\\u1100-\\u115f]+';
const EMOJI = '\\p{ExtPict}(?:[\\p{EMod}\\p{M}\\ufe0f\\u{e0020}-\\u{e007f}]*\\u200d\\p{ExtPict})*';
const GRAPHEME = new RegExp(
  `\\r\\n|[\\p{Cc}\\u2028\\u2029]|(?:\\p{RI}\\p{RI}|${HANGUL}|${EMOJI}|[^\\r\\n])${EXTEND}${JOINED}`,
  'gsu',
);

const IN_WORD = '(?:[\\p{L}\\p{N}_][\\p{M}\\u200d]*)';
const WORD = new RegExp(
  `${IN_WORD}+(?:(?:(?<=\\p{L}\\p{M}*)['.:·’](?=\\p{L})|(?<=\\p{N})[.,;'’](?=\\p{N}))${IN_WORD}+)*|\\r\\n| +|(?:\\p{RI}\\p{RI}|(?![#*0-9])${EMOJI}|[\\s\\S])${EXTEND}`,
  'gu',
);
const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

export class Segmenter {
  #locale;
  #granularity;

  constructor(locales, options) {
    this.#locale = resolve(locales, 'Intl.Segmenter');
    this.#granularity = option(optionsOf(options), 'granularity', ['grapheme', 'word'], 'grapheme');
  }

  segment(given) {
    const input = String(given);
    const isWord = this.#granularity === 'word';
    if (isWord && WITHOUT_SPACES.test(input))
      throw new RangeError('Intl.Segmenter finds words here in languages that have spaces between them');
    const all = () => segments(input, isWord);
    return {
      [Symbol.iterator]: all,
      containing(at = 0) {
        return [...all()].find(({ index, segment }) => at >= index && at < index + segment.length);
      },
    };
  }

  resolvedOptions() {
    return { locale: this.#locale, granularity: this.#granularity };
  }

  static supportedLocalesOf(locales) {
    return supported(locales);
  }

  get [Symbol.toStringTag]() {
    return 'Intl.Segmenter';
  }
}

function* segments(input, isWord) {
  for (const { 0: segment, index } of input.matchAll(isWord ? WORD : GRAPHEME)) {
    yield isWord ? { segment, index, input, isWordLike: /[\p{L}\p{N}]/u.test(segment) } : { segment, index, input };
  }
}
