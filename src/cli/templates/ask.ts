// Asks the person at the terminal. Where there is none defaults are the answers, and it is an error if there is no
// default.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { MayflyError } from '../../errors.ts';
import { say } from '../ui.ts';
import type { Parameter, Template } from './template-manifest.ts';

export interface AskOptions {
  readonly given: Readonly<Record<string, string>>;
  /** Values in the place of the template's own defaults. */
  readonly defaults?: Readonly<Record<string, string>>;
  readonly acceptDefaults: boolean;
}

export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Reads one line from the terminal; gives the default when it is empty. */
export async function ask(question: string, fallback = ''): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${question}${fallback && ` [${fallback}]`}: `);
    return answer.trim() || fallback;
  } finally {
    terminal.close();
  }
}

/** Reads one line from the terminal, which does not show it. */
export async function askSecret(question: string): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  say(`${question} (it is not shown):`);
  const terminal = createInterface({ input: process.stdin, output: hidden, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
  }
}

/**
 * Gets a value for each of the parameters. Throws `usage` for a given value that the template does not know or that does
 * not fit, and where there is no value and nobody to ask.
 */
export async function askParameters(
  template: Template,
  parameters: readonly Parameter[],
  { given, defaults = {}, acceptDefaults }: AskOptions,
): Promise<Record<string, string>> {
  checkGiven(template, given);
  const values: Record<string, string> = { ...given };
  for (const parameter of parameters) {
    if (Object.hasOwn(given, parameter.id)) continue;
    const fallback = defaults[parameter.id] ?? parameter.default;
    const mayAsk = canAsk() && !(acceptDefaults && fallback !== undefined);
    if (!mayAsk && fallback === undefined) throw missing(parameter);
    values[parameter.id] = mayAsk ? await askOne(parameter, fallback) : fallback!;
  }
  return values;
}

function checkGiven(template: Template, given: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(given)) {
    const parameter = template.parameters.find(({ id }) => id === name);
    if (!parameter) {
      throw new MayflyError('usage', `Template "${template.id}" has no parameter "${name}"`, {
        hint: `There are: ${template.parameters.map(({ id }) => id).join(', ')}`,
      });
    }
    const fault = parameter.fault(value);
    if (fault) throw new MayflyError('usage', `"${value}" does not fit the parameter "${name}": ${fault}`);
  }
}

/** Asks until the value fits. */
async function askOne(parameter: Parameter, fallback: string | undefined): Promise<string> {
  const choices = parameter.allowedValues ? ` (${parameter.allowedValues.join(', ')})` : '';
  for (;;) {
    const value = await ask(`${parameter.prompt}${choices}`, fallback);
    const fault = parameter.fault(value);
    if (fault === undefined) return value;
    say(`"${value}" does not fit: ${fault}`);
  }
}

function missing({ id, prompt }: Parameter): MayflyError {
  return new MayflyError('usage', `The template needs the parameter "${id}" (${prompt})`, {
    hint: `Give it with '--value ${id}=…'`,
  });
}
