// What the schema of `tool.mayfly` cannot say about its values.
import { asTable, type Entries, textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

export function checkSettings({ components }: Entries, problems: Problems): void {
  for (const { path, table } of components) {
    const settings = asTable(asTable(table.tool)?.mayfly);
    for (const { index, text } of textsOf(settings?.warm)) {
      if (/^\/[\x21-\x7e]*$/.test(text)) continue;
      const place = [...path, 'tool', 'mayfly', 'warm', index];
      problems.add('manifest-value', place, `"${text}" is not the path of a request`, {
        hint: 'Write a path with an optional query, such as "/hello?name=x"',
      });
    }
  }
}
