// WASI 0.2.0-rc-2023-11-10, as old Spin apps import it. Most of it is 0.2; files of their own have what differs.
import { defineInterface } from '../../service.ts';
import { cliWithoutExit } from '../cli/bindings-0.2.ts';
import { exit } from '../cli/operations.ts';
import { monotonicClock, wallClock } from '../clocks/bindings-0.2.ts';
import { filesystemInterfaces } from '../filesystem/bindings-0.2.ts';
import { ioInterfaces } from '../io/bindings-0.2.ts';
import { randomInterfaces } from '../random/bindings-0.2.ts';
import signatures from '../signatures-2023-11-10.json' with { type: 'json' };
import type { WasiState } from '../state.ts';
import { withSignatures } from '../with-signatures.ts';
import { http20231110 } from './http-2023-11-10.ts';
import { sockets20231110 } from './sockets-2023-11-10.ts';
import { RC_2023_11_10, sameIn } from './versions.ts';

const unchanged = [
  ...ioInterfaces,
  monotonicClock,
  wallClock,
  ...randomInterfaces,
  ...cliWithoutExit,
  ...filesystemInterfaces,
].map((one) => sameIn(one, RC_2023_11_10));

const exitInterface = defineInterface<WasiState>('wasi', 'wasi:cli/exit', RC_2023_11_10, { functions: { exit } });

export const interfaces20231110 = withSignatures(
  [...unchanged, exitInterface, ...sockets20231110, ...http20231110],
  signatures,
);
