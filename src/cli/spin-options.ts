// Flags of Spin that command lines and scripts carry, and that change nothing here: Mayfly does what they ask for anyway,
// or has nothing that they could set. docs/cli.md says which, and why.
import { type Command, Option } from 'commander';

interface IdleFlag {
  readonly flags: string;
  /** Further names of it. */
  readonly also?: readonly string[];
  readonly why: string;
}

const ofUp: readonly IdleFlag[] = [
  { flags: '--cache <file>', why: 'sets up the cache of Wasmtime' },
  { flags: '--disable-pooling', why: 'is about how Wasmtime allocates' },
  { flags: '--debug-info', why: 'is for debuggers of native code' },
  { flags: '--direct-mounts', why: 'mounts are always direct' },
  { flags: '--max-instance-reuse-count <range>', why: 'each request has its own sandbox; `reuse` of the manifest' },
  { flags: '--max-instance-concurrent-reuse-count <range>', why: 'a sandbox serves one request at a time' },
  { flags: '--idle-instance-timeout <range>', why: 'sandboxes that are idle hold no state' },
];

const ofBuild: readonly IdleFlag[] = [
  { flags: '--skip-target-checks', also: ['--skip-target-check'], why: 'components are checked when they are loaded' },
  { flags: '--skip-generate-wits', also: ['--skip-generate-wit'], why: 'no WIT files are written' },
];

/** The flags without effect by command: what docs/cli.md lists. */
export const idleFlags = { up: ofUp, build: ofBuild } as const;

/** Adds the flags of a command that are taken and do nothing. */
export function addIdleFlags(command: Command, of: keyof typeof idleFlags): Command {
  for (const { flags, also = [], why } of idleFlags[of]) {
    for (const one of [flags, ...also]) command.addOption(new Option(one, `Without effect: ${why}`).hideHelp());
  }
  return command;
}

/** Whether an environment variable says yes, by the rules of Spin. Unset, empty, `0`, `false`, `no`, `off` say no. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'n', 'no', 'f', 'false', 'off'].includes(value.toLowerCase());
}
