// `\p{…}` in regular expressions, for an engine that was built without Unicode's tables: written out as the ranges that it
// stands for. Expressions that a program makes of texts at run time stay what they are.
import type Rewrite from 'regexpu-core';
import type { Plugin } from 'rolldown';

/** Text that may have such an expression in it. */
const MAY_HAVE = /\\[pP]\{/;

interface RegularExpression {
  readonly start: number;
  readonly end: number;
  readonly regex: { readonly pattern: string; readonly flags: string };
}

/** A plugin that needs `experimental.nativeMagicString`, by which places in the text keep their source. */
export function writeOutUnicodeProperties(): Plugin {
  return {
    name: 'mayfly:unicode-properties',
    async renderChunk(code, _chunk, _options, { magicString }) {
      if (!magicString || !MAY_HAVE.test(code)) return undefined;
      // Unicode's tables are loaded for the few programs that need them.
      const { default: rewritePattern } = await import('regexpu-core');
      for (const { start, end, regex } of regularExpressions(this.parse(code))) {
        if (MAY_HAVE.test(regex.pattern)) magicString.overwrite(start, end, writtenOut(regex, rewritePattern));
      }
      return magicString;
    },
  };
}

function writtenOut({ pattern, flags }: RegularExpression['regex'], rewritePattern: typeof Rewrite): string {
  const isSets = flags.includes('v');
  const rewritten = rewritePattern(pattern, flags, {
    unicodePropertyEscapes: 'transform',
    unicodeSetsFlag: isSets ? 'transform' : false,
  });
  return `/${rewritten}/${flags.replace('v', 'u')}`;
}

/** Those in a tree of ESTree. */
function* regularExpressions(node: unknown): Generator<RegularExpression> {
  if (typeof node !== 'object' || node === null) return;
  if ('regex' in node && node.regex) yield node as RegularExpression;
  for (const value of Object.values(node)) yield* regularExpressions(value);
}
