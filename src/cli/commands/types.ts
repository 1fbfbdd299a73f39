// `mayfly types`: prints the types that TypeScript needs for what programs import of Mayfly.
import type { Command } from 'commander';
import { programTypes } from '../program-types.ts';
import { print } from '../ui.ts';

export function define(command: Command): void {
  command.option('--verbose', 'Say more when something fails').action(async () => print(await programTypes()));
}
