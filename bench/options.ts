// Command line of the benchmark: `node bench/main.ts [row…] [options]`.
import { parseArgs } from 'node:util';

export const usage = `npm run bench -- [row…] [options]

  --json            print one JSON object instead of tables
  --rounds <n>      interleaved rounds, whose medians are quoted (default 5)
  --seconds <n>     length of each run against a server (default 3), of the soak (default 600)
  --only <name>     only this guest or server of a row (may be repeated)
  --quick           tiny counts: shows that it works, the figures mean nothing
  --spin <path>     Spin's binary, for the row 'first'
  --install-peers   first install workerd and wasmtime into .cache/peers; wasmtime is compiled, which takes a while
  --help`;

export interface Arguments {
  readonly rows: readonly string[];
  readonly json: boolean;
  readonly rounds: number;
  readonly seconds: number | undefined;
  readonly only: readonly string[];
  readonly quick: boolean;
  readonly spin: string | undefined;
  readonly installPeers: boolean;
  readonly help: boolean;
}

/** Throws a plain Error that says what is wrong with the arguments. */
export function parseArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      spin: { type: 'string' },
      'install-peers': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    rows: positionals,
    json: values.json,
    rounds: positive('rounds', values.rounds) ?? (values.quick ? 1 : 5),
    seconds: positive('seconds', values.seconds),
    only: values.only,
    quick: values.quick,
    spin: values.spin,
    installPeers: values['install-peers'],
    help: values.help,
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} takes a positive number, not "${text}"`);
  return value;
}
