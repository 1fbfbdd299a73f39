// The benchmark: `npm run bench -- [row…] [options]`. Tables or JSON on stdout, progress on stderr.
import { parseArguments, usage } from './options.ts';
import { formatResult } from './report.ts';
import type { Figures, RowResult } from './row.ts';
import { allRows } from './rows.ts';
import { describeMachine, machineLine } from './support/machine.ts';

const say = (text: string): void => console.error(text);

try {
  await main();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const args = parseArguments(process.argv.slice(2));
  const unknown = args.rows.filter((name) => !allRows.some((row) => row.name === name));
  if (args.help || unknown.length > 0) {
    const rows = allRows.map(({ name, title }) => `  ${name.padEnd(12)} ${title}`).join('\n');
    if (unknown.length > 0) throw new Error(`No row is called ${unknown.join(', ')}. There are:\n${rows}`);
    console.log(`${usage}\n\n${rows}`);
    return;
  }
  if (args.installPeers) await (await import('./support/peers.ts')).installPeers(say);
  const machine = describeMachine();
  if (!args.json) console.log(`${machineLine(machine)}\n`);
  const figures: Record<string, Figures> = { machine };
  for (const row of allRows.filter(({ name }) => args.rows.length === 0 || args.rows.includes(name))) {
    const result = await row.run({ ...args, say });
    figures[row.name] = withNotes(result);
    if (!args.json) console.log(`## ${row.name}: ${row.title}\n\n${formatResult(result)}\n`);
  }
  if (args.json) console.log(JSON.stringify(figures, undefined, 2));
}

function withNotes({ figures, notes }: RowResult): Figures {
  return notes.length === 0 ? figures : { ...figures, notes: notes.join('; ') };
}
