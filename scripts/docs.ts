// Writes the tables of the documentation from those of the code: `node scripts/docs.ts`. A test compares them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { commands } from '../src/cli/commands.ts';
import { shownCommands } from '../src/cli/completions.ts';
import { idleFlags } from '../src/cli/spin-options.ts';
import { type ErrorKind, errorKinds } from '../src/errors.ts';
import { allLimits, type FixedLimit, fixedLimits, type LimitKind, type LimitPart, limitParts } from '../src/limits.ts';
import { type EventKind, eventFields, events } from '../src/telemetry/events.ts';
import { interfaceTypes } from './interface-types.ts';

const errorsHeader = `# Errors

Every error that Mayfly reports has a code that does not change, so that scripts can match on it. "Who acts" says whose
mistake it is: the person who wrote the manifest or the command line (user), the author of a handler (guest), or Mayfly
and the machine that it runs on (host).

| code | who acts | what it means | what to do |
|---|---|---|---|
`;

// Variables give some options their defaults: the documentation has those of an empty environment.
for (const name of Object.keys(process.env)) {
  if (/^(SPIN_|MAYFLY_|RUNTIME_CONFIG_FILE$|DISABLE_WASMTIME_CACHE$)/.test(name)) delete process.env[name];
}
const types = await interfaceTypes();
const commandTables = (await Promise.all(commands.map(commandSection))).join('\n');

/** What each page should be, given what it is: some are made whole, of others one table. */
export const pages: Readonly<Record<string, (before: string) => string>> = {
  'docs/cli.md': (before) => withTable(before, commandTables),
  'docs/errors.md': errorsPage,
  'docs/log.md': logPage,
  'docs/limits.md': (before) => withTable(before, fixedLimitsTable()),
  'docs/manifest.md': (before) => withTable(before, `${limitsTable()}\n${limitPlaces()}`),
  'types/interfaces.d.ts': () => types,
};

/** The options of a command, and of the commands below it. */
async function commandSection({ name, alias, description, load }: (typeof commands)[number]): Promise<string> {
  const command = new Command(name).description(description);
  (await load()).define(command);
  return [`### mayfly ${name}\n`, `${description}.${alias ? ` Also \`mayfly ${alias}\`.` : ''}\n`, optionTable(command)]
    .concat(
      shownCommands(command).map(
        (one) => `#### mayfly ${name} ${usage(one)}\n\n${one.description()}.\n\n${optionTable(one)}`,
      ),
    )
    .concat(name === 'up' || name === 'build' ? [`Taken, and without effect: ${idleFlagList(name)}.\n`] : [])
    .join('\n');
}

function usage(command: Command): string {
  const names = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  return [command.name(), ...names].join(' ');
}

function optionTable(command: Command): string {
  const rows = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description, defaultValue }) => {
      const shown = typeof defaultValue === 'boolean' || defaultValue === undefined ? '' : `\`${defaultValue}\``;
      return `| \`${cell(flags)}\` | ${cell(description)} | ${shown} |`;
    });
  return rows.length === 0 ? '' : `| option | meaning | default |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function idleFlagList(of: keyof typeof idleFlags): string {
  return idleFlags[of].map(({ flags, why }) => `\`${flags}\` (${why})`).join(', ');
}

function errorsPage(): string {
  const rows = Object.entries<ErrorKind>(errorKinds).map(
    ([code, { blame, meaning, mend }]) => `| \`${code}\` | ${blame} | ${cell(meaning)} | ${cell(mend)} |`,
  );
  return `${errorsHeader}${rows.join('\n')}\n`;
}

const logHeader = `# The log

\`mayfly up\` writes one line for each event to stderr: the level, the code of the error where there is one, the component,
the text, and in parentheses what the text does not say. The stack of an error follows in indented lines.

    error[guest-trap] trap: GET /trap failed (status=500)
      The guest trapped: divide by zero in serve_dessert < cook_dinner

What guests print stands there as \`component | line\`. Whoever uses Mayfly as a library and gives it a \`log\` of pino's kind
gets the same as objects: the name of the event in the field \`event\`, the text in \`msg\`. Names of events and fields are
stable; texts, and which level an event has, may change. \`debug\` needs \`--verbose\`.

With \`--log-format json\` each event is a line of JSON: \`time\` (ISO 8601, UTC), \`level\` by its name, the fields below, and the
text as \`msg\`; what guests print is \`guest-output\`. An app that cannot be started ends with an error for people.

**Ids of requests.** Each line about a request carries \`requestId\`, also those that its guest prints (\`--log-format json\`, the
library, and \`--verbose\`). It is the request's \`x-request-id\` when that is a word of up to 128 letters, digits and
\`_.:/+=@-\`; else the trace of its \`traceparent\` (W3C Trace Context), which \`traceId\` has in any case; else a random one. Both
fields reach the guest as they came, and none is added to request or answer. A request from one component of the app to
another has an id of its own, unless its sender passes one of the fields on.

**Files.** What components print is also appended, as it was printed, to \`<component>_stdout.txt\` and \`<component>_stderr.txt\`
in \`.spin/logs\` beside the manifest, as in Spin; \`--log-dir\`, \`SPIN_LOG_DIR\` or \`log_dir\` of the runtime configuration
names another folder, and \`''\` none. At 10 MiB (\`--log-max-size\`) a file gets the name \`….txt.1\` and a new one is begun;
five old ones are kept (\`--log-files\`). A file that was moved away is begun anew within a second. A full disk loses lines, and
is told once; the app goes on. \`--truncate-logs\` empties the files at the start, \`--quiet\` and \`--follow\` say what is shown
beside them. \`mayfly logs --follow --component <id>\` shows the last lines of such files, and those that come.

| event | level | what it means | fields |
|---|---|---|---|
`;

function logPage(): string {
  const rows = Object.entries<EventKind>(events).map(([name, { level, meaning, fields }]) => {
    return `| \`${name}\` | ${level} | ${cell(meaning)} | ${fields.map((field) => `\`${field}\``).join(', ')} |`;
  });
  const fields = Object.entries(eventFields).map(([name, meaning]) => `| \`${name}\` | ${cell(meaning)} |`);
  const fieldsHeader = '## Fields\n\nThose without a value are left out.\n\n| field | what it says |\n|---|---|\n';
  return `${logHeader}${rows.join('\n')}\n\n${fieldsHeader}${fields.join('\n')}\n`;
}

function limitsTable(): string {
  const rows = allLimits.map(
    ([, kind]) => `| \`${kind.key}\` | ${valueText(kind, kind.default)} | ${cell(kind.of)} | ${cell(kind.meaning)} |`,
  );
  return `| key | default | limit of | when it is reached |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

function limitPlaces(): string {
  const lines = Object.entries(limitParts).map(([part, meaning]) => {
    const keys = allLimits
      .filter(([, { parts }]) => parts.includes(part as LimitPart))
      .map(([, { key }]) => `\`${key}\``);
    return `- ${meaning}: ${keys.join(', ')}`;
  });
  return `Where each holds:\n\n${lines.join('\n')}\n`;
}

function fixedLimitsTable(): string {
  const rows = Object.entries(fixedLimits).flatMap(([part, limits]) =>
    Object.values<FixedLimit>(limits).map(
      (limit) => `| ${part} | ${cell(limit.of)} | ${valueText(limit, limit.default)} | ${cell(limit.meaning)} |`,
    ),
  );
  return `| of the | limit of | value | when it is reached |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

const units = {
  bytes: { GiB: 2 ** 30, MiB: 2 ** 20, KiB: 2 ** 10, bytes: 1 },
  milliseconds: { h: 3_600_000, min: 60_000, s: 1000, ms: 1 },
} as const;

/** A value of a limit as people write it: `16 MiB`, `10 s`, `1,000`. */
export function valueText({ unit }: Pick<LimitKind, 'unit'>, value: number): string {
  const digits = (count: number): string => count.toLocaleString('en-US');
  if (unit === 'number') return digits(value);
  const [name, factor] = Object.entries(units[unit]).find(([, size]) => value % size === 0) ?? ['', 1];
  return `${digits(value / factor)} ${name}`;
}

const BEGIN = '<!-- made by scripts/docs.ts: begin -->\n';
const END = '<!-- made by scripts/docs.ts: end -->\n';

/** `page` with `table` between its marks. */
function withTable(page: string, table: string): string {
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`There is no place for a table, between ${BEGIN} and ${END}`);
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (import.meta.main) {
  for (const [path, page] of Object.entries(pages)) {
    const file = new URL(`../${path}`, import.meta.url);
    writeFileSync(file, page(existsSync(file) ? readFileSync(file, 'utf8') : ''));
  }
}
