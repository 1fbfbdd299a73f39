// WASI 0.2.0-rc-2023-10-18, as the first Spin 2 apps import it; files of their own have what differs from 0.2.
import { defineInterface } from '../../service.ts';
import { cliWithoutExit } from '../cli/bindings-0.2.ts';
import { exit } from '../cli/operations.ts';
import { timezone, wallClock } from '../clocks/bindings-0.2.ts';
import { monotonicNow, monotonicResolution } from '../clocks/clocks.ts';
import { subscribeDuration, subscribeInstant } from '../clocks/timers.ts';
import type { ObjectOwner } from '../io/host-object.ts';
import { randomInterfaces } from '../random/bindings-0.2.ts';
import signatures from '../signatures-2023-10-18.json' with { type: 'json' };
import type { WasiState } from '../state.ts';
import { withSignatures } from '../with-signatures.ts';
import { filesystem20231018 } from './filesystem-2023-10-18.ts';
import { http20231018 } from './http-2023-10-18.ts';
import { io20231018 } from './io-2023-10-18.ts';
import { sockets20231018 } from './sockets-2023-10-18.ts';
import { RC_2023_10_18, sameIn } from './versions.ts';

const unchanged = [wallClock, timezone, ...randomInterfaces, ...cliWithoutExit].map((one) =>
  sameIn(one, RC_2023_10_18),
);

const exitInterface = defineInterface<WasiState>('wasi', 'wasi:cli/exit', RC_2023_10_18, { functions: { exit } });

const monotonicClock = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/monotonic-clock', RC_2023_10_18, {
  functions: {
    now: () => monotonicNow(),
    resolution: () => monotonicResolution,
    subscribe: (owner, when: bigint, absolute: boolean) =>
      absolute ? subscribeInstant(owner, when) : subscribeDuration(owner, when),
  },
});

export const interfaces20231018 = withSignatures(
  [
    ...unchanged,
    exitInterface,
    monotonicClock,
    ...io20231018,
    ...filesystem20231018,
    ...http20231018,
    ...sockets20231018,
  ],
  signatures,
);
