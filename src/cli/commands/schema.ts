// `mayfly schema`: prints the JSON Schema of spin.toml, with which editors complete and check it.
import type { Command } from 'commander';
import { manifestJsonSchema } from '../../app/manifest/json-schema.ts';
import { print } from '../ui.ts';

export function define(command: Command): void {
  command
    .option('--verbose', 'Say more when something fails')
    .action(() => print(JSON.stringify(manifestJsonSchema(), null, 2)));
}
