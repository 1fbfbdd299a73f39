// Puts snippets of a template into a manifest, whose text stays as it is otherwise.
import { parse } from 'smol-toml';
import { asTable } from '../../app/manifest/document.ts';
import { MayflyError, messageOf } from '../../errors.ts';

/** Appends a snippet. */
export function appendSnippet(manifest: string, snippet: string): string {
  return `${manifest.trimEnd()}\n\n${snippet.trimEnd()}\n`;
}

/**
 * Adds entries to the table `[variables]`, or makes one. An entry that is there already stays. Throws `template-invalid`
 * when the snippet is no TOML.
 */
export function mergeVariables(manifest: string, snippet: string): string {
  const known = asTable(parseSnippet(manifest, 'manifest').variables) ?? {};
  const lines = entriesOf(snippet).filter(({ key }) => !Object.hasOwn(known, key));
  if (lines.length === 0) return manifest;
  const added = lines.map(({ text }) => text).join('\n');
  const all = manifest.split('\n');
  const head = all.findIndex((line) => /^\s*\[\s*variables\s*\]\s*(?:#.*)?$/.test(line));
  if (head === -1) return appendSnippet(manifest, `[variables]\n${added}`);
  let end = head + 1;
  while (end < all.length && !/^\s*\[/.test(all[end]!)) end++;
  while (all[end - 1]?.trim() === '' && end - 1 > head) end--;
  return [...all.slice(0, end), ...added.split('\n'), ...all.slice(end)].join('\n');
}

/** The entries of a snippet, each with its lines: one begins where the text up to it is whole. */
function entriesOf(snippet: string): { key: string; text: string }[] {
  const entries: { key: string; text: string }[] = [];
  let text = '';
  for (const line of snippet.split('\n')) {
    if (text === '' && line.trim() === '') continue;
    text = text === '' ? line : `${text}\n${line}`;
    const keys = wholeKeys(text);
    if (keys === undefined) continue;
    for (const key of keys) entries.push({ key, text });
    if (keys.length > 0) text = '';
  }
  if (text.trim() !== '') parseSnippet(text, 'snippet of the template');
  return entries;
}

function wholeKeys(text: string): string[] | undefined {
  try {
    return Object.keys(parse(text));
  } catch {
    return undefined;
  }
}

function parseSnippet(text: string, what: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (cause) {
    const reason = messageOf(cause).split('\n')[0];
    throw new MayflyError('template-invalid', `The ${what} is not valid TOML: ${reason}`, { cause });
  }
}
