// Writes docs/errors.md from the table in src/errors.ts: `node scripts/docs.ts`. A test compares the two.
import { writeFileSync } from 'node:fs';
import { type ErrorKind, errorKinds } from '../src/errors.ts';

const header = `# Errors

Every error that Mayfly reports has a code that does not change, so that scripts can match on it. "Who acts" says whose
mistake it is: the person who wrote the manifest or the command line (user), the author of a handler (guest), or Mayfly
and the machine that it runs on (host).

| code | who acts | what it means | what to do |
|---|---|---|---|
`;

export function errorsPage(): string {
  const rows = Object.entries<ErrorKind>(errorKinds).map(
    ([code, { blame, meaning, mend }]) => `| \`${code}\` | ${blame} | ${cell(meaning)} | ${cell(mend)} |`,
  );
  return `${header}${rows.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) writeFileSync(new URL('../docs/errors.md', import.meta.url), errorsPage());
