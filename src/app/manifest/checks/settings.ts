// Checks the values of `tool.mayfly` beyond what its schema can say.
import type { KeyPath } from '../../toml/positions.ts';
import { asTable, type Entries, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

export function checkSettings({ components }: Entries, problems: Problems): void {
  for (const { path, table } of components) {
    const settings = asTable(asTable(table.tool)?.mayfly);
    const { warm } = settings ?? {};
    const warmPath = [...path, 'tool', 'mayfly', 'warm'];
    const requests = typeof warm === 'string' ? [{ text: warm, place: warmPath }] : placed(warm, warmPath);
    for (const { text, place } of requests) {
      if (/^\/[\x21-\x7e]*$/.test(text)) continue;
      problems.add('manifest-value', place, `"${text}" is not the path of a request`, {
        hint: 'Write a path with an optional query, such as "/hello?name=x"',
      });
    }
  }
}

function placed(list: unknown, path: KeyPath): { text: string; place: KeyPath }[] {
  return textsOf(list).map(({ index, text }) => ({ text, place: [...path, index] }));
}
