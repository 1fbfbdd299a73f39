// The options that `new` and `add` share.
import { type Command, Option } from 'commander';
import { MayflyError } from '../../errors.ts';
import { collect, collectPair, readStringTable } from '../options.ts';

export interface TemplateOptions {
  readonly template?: string;
  readonly tag?: readonly string[];
  readonly output?: string;
  readonly init?: boolean;
  readonly value?: Readonly<Record<string, string>>;
  readonly valuesFile?: string;
  readonly acceptDefaults?: boolean;
  /** False when `--no-vcs` is given. */
  readonly vcs: boolean;
  readonly allowOverwrite?: boolean;
  readonly allowOverwrites?: boolean;
}

export function addTemplateOptions(command: Command, kind: 'app' | 'component'): Command {
  return command
    .argument('[name]', `Name of the ${kind}`)
    .argument('[old-name]', 'Name, where the template stands first as in Spin 1')
    .option('-t, --template <id>', "Template: 'mayfly templates list' shows all")
    .option('--tag <tag>', 'Choose among the templates with this tag (may be repeated)', collect)
    .option('-o, --output <folder>', `Folder to make; by default named as the ${kind}`)
    .option('--init', `Make the ${kind} in ${kind === 'app' ? 'the current folder' : 'the folder of the manifest'}`)
    .option('-v, --value <key=value>', 'Value of a template parameter (may be repeated)', collectPair)
    .option('--values-file <file>', 'Values of template parameters, as TOML')
    .option('-a, --accept-defaults', 'Ask nothing that has a default')
    .option('--no-vcs', kind === 'app' ? "Write no .gitignore, and do not run 'git init'" : 'Write no .gitignore')
    .option('--allow-overwrite', 'Replace files that are there')
    .addOption(new Option('--allow-overwrites').hideHelp())
    .option('--verbose', 'Say more when something fails');
}

/** The values of the command line, and behind them those of the file. Throws `usage`. */
export function givenValues({ value, valuesFile }: TemplateOptions): Record<string, string> {
  return { ...(valuesFile === undefined ? {} : readStringTable(valuesFile, 'toml')), ...value };
}

/** Name and template: `spin new <template> <name>` is the way of Spin 1. Throws `usage`. */
export function namesOf(
  first: string | undefined,
  second: string | undefined,
  { template, init, output }: TemplateOptions,
): { readonly name: string | undefined; readonly template: string | undefined } {
  if (init && output !== undefined) throw new MayflyError('usage', "'--init' and '--output' exclude each other");
  if (second === undefined) return { name: first, template };
  if (template !== undefined) throw new MayflyError('usage', `Too many arguments: "${second}"`);
  return { name: second, template: first };
}
