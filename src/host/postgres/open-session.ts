// Opens a session at the first of the servers of an address that will have it.

import type { OutboundNetwork } from '../network/outbound-network.ts';
import type { PgAddress } from './address.ts';
import { clientFault, fault, PgFault } from './fault.ts';
import { PgSession } from './session.ts';
import { connect } from './wire/connect.ts';
import { ConnectFault } from './wire/connect-fault.ts';

/** In milliseconds, for each server; an address may ask for less. */
const CONNECT_MS = 10_000;

/** Rejects with a PgFault, or the reason of the signal. */
export async function openSession(
  address: PgAddress,
  caRoot: string | undefined,
  signal: AbortSignal,
  network: Pick<OutboundNetwork, 'pinned'>,
): Promise<PgSession> {
  if (address.hosts.length === 0) throw incomplete('both host and hostaddr are missing');
  if (address.user === undefined) throw incomplete('user is missing');
  let failed: unknown;
  for (const host of address.hosts) {
    try {
      const connectTo = await network.pinned(host.hostaddr ?? host.host);
      const target = { address, host, caRoot, connectTo };
      const milliseconds = Math.min(address.connectTimeout ?? CONNECT_MS, CONNECT_MS);
      const session = new PgSession(await connect(target, signal, milliseconds), target);
      if (await isWanted(session, address.session, signal)) return session;
      session.destroy();
      failed = new ConnectFault('database does not allow writes, or is not read-only');
    } catch (error) {
      signal.throwIfAborted();
      failed = error;
    }
  }
  if (failed instanceof PgFault) throw failed;
  throw fault('connection-failed', (failed instanceof ConnectFault ? failed : ConnectFault.of(failed)).message);
}

async function isWanted(session: PgSession, wanted: PgAddress['session'], signal: AbortSignal): Promise<boolean> {
  if (wanted === 'any') return true;
  const request = { text: 'SHOW transaction_read_only', parameters: [], namesTypes: false, wants: 'all' } as const;
  const { rows } = await session.run(request, { signal, keep: () => undefined }, (run) => run.next());
  const value = rows[0]?.[0];
  if (value?.tag !== 'str') throw clientFault('UnexpectedMessage');
  return (value.val === 'on') === (wanted === 'read-only');
}

function incomplete(cause: string): PgFault {
  return fault('connection-failed', new ConnectFault(cause, 'invalid configuration').message);
}
