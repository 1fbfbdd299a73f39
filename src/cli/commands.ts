// The commands that there are. A new one is a file in commands/ and an entry here.
import type { Command } from 'commander';

export interface Entry {
  readonly name: string;
  readonly alias?: string;
  readonly description: string;
  /** Loads the command's code, which adds options, arguments and the action; called for the one command that runs. */
  load(): Promise<{ define(command: Command): void }>;
}

export const commands: readonly Entry[] = [
  {
    name: 'new',
    alias: 'n',
    description: 'Make a new app from a template',
    load: () => import('./commands/new.ts'),
  },
  {
    name: 'add',
    alias: 'a',
    description: 'Add a component to an app, from a template',
    load: () => import('./commands/add.ts'),
  },
  {
    name: 'build',
    alias: 'b',
    description: 'Build the components of an app',
    load: () => import('./commands/build.ts'),
  },
  { name: 'up', alias: 'u', description: 'Serve an app', load: () => import('./commands/up.ts') },
  {
    name: 'logs',
    description: 'Show what the components of an app have printed',
    load: () => import('./commands/logs.ts'),
  },
  {
    name: 'host',
    description: 'Serve many apps, each loaded when it is first called',
    load: () => import('./commands/host.ts'),
  },
  {
    name: 'watch',
    alias: 'w',
    description: 'Build and serve an app, again whenever its files change',
    load: () => import('./commands/watch.ts'),
  },
  {
    name: 'test',
    description: 'Run tests of requests and expectations against an app',
    load: () => import('./commands/test.ts'),
  },
  {
    name: 'replay',
    description: 'Run a recorded request again, and say where it departs',
    load: () => import('./commands/replay.ts'),
  },
  {
    name: 'bench',
    description: 'Load a server or an app, and show how it answers and what that costs',
    load: () => import('./commands/bench.ts'),
  },
  {
    name: 'registry',
    alias: 'oci',
    description: 'Push apps and components to OCI registries, and pull them',
    load: () => import('./commands/registry.ts'),
  },
  {
    name: 'image',
    description: 'Build images of apps for containers, without Docker',
    load: () => import('./commands/image.ts'),
  },
  {
    name: 'kube',
    description: 'Put apps onto Kubernetes',
    load: () => import('./commands/kube.ts'),
  },
  {
    name: 'templates',
    alias: 'template',
    description: 'List, install and remove templates',
    load: () => import('./commands/templates.ts'),
  },
  {
    name: 'plugins',
    alias: 'plugin',
    description: 'List plugins, which run as commands',
    load: () => import('./commands/plugins.ts'),
  },
  {
    name: 'doctor',
    description: 'Look for what is missing or wrong, in an app and on this machine',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'schema',
    description: 'Print the JSON Schema of spin.toml, for editors',
    load: () => import('./commands/schema.ts'),
  },
  {
    name: 'types',
    description: 'Print the types of what programs import of Mayfly, for TypeScript',
    load: () => import('./commands/types.ts'),
  },
  {
    name: 'completions',
    description: 'Print a script that completes command lines in bash, zsh or fish',
    load: async () => (await import('./commands/completions.ts')).completionsOf(commands),
  },
];

export function isNamed({ name, alias }: Entry, word: string): boolean {
  return word === name || word === alias;
}
