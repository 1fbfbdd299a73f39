// `npm run languages`: builds the handler of bench/languages with each toolchain that is on this machine, serves it, and writes what
// came out into the table of docs/languages.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatResult } from '../bench/report.ts';
import { languages } from '../bench/rows/languages.ts';
import { describeMachine, machineLine } from '../bench/support/machine.ts';

const FILE = join(import.meta.dirname, '../docs/languages.md');
const [BEGIN, END] = ['<!-- npm run languages -->', '<!-- end -->'];

const say = (text: string): void => console.error(text);
const result = await languages.run({ rounds: 3, seconds: undefined, quick: false, only: [], say });
const untitled = formatResult(result).replace(/^### .*\n\n/m, '');
const text = readFileSync(FILE, 'utf8');
const [before, rest] = text.split(BEGIN);
const [, after] = rest?.split(END) ?? [];
if (before === undefined || after === undefined) throw new Error(`${FILE} has no ${BEGIN} … ${END}`);
writeFileSync(FILE, `${before}${BEGIN}\n${machineLine(describeMachine())}\n\n${untitled}\n${END}${after}`);
say('Written to docs/languages.md');
