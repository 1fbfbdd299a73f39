// Has a server of node:https use certificates that may change, and bounds its handshakes.
import type { Server } from 'node:https';
import type { SecureContext } from 'node:tls';
import type { Logger } from '../../../telemetry/log.ts';
import type { CertificateFiles } from '../../trigger.ts';
import type { OtherConnections } from '../connection-server.ts';
import { Certificates, type Pair, secure } from './certificates.ts';
import { limitHandshakes } from './handshakes.ts';

export interface TakenTls extends OtherConnections {
  /** The certificate for a client that asks for that name; one that asks for none gets that of the server. */
  readonly contextFor: (name: string) => SecureContext;
}

/** Gives what has to be stopped with the server. Throws `usage` for files that are no certificates. */
export function takeTls(
  server: Server,
  files: readonly CertificateFiles[],
  limits: { readonly handshakes: number },
  log: Logger,
): TakenTls {
  const certificates = new Certificates(files, log);
  const use = (first: Pair): void => server.setSecureContext({ ...first, ...secure() });
  use(certificates.first);
  certificates.watch(use);
  limitHandshakes(server, limits.handshakes);
  return { contextFor: (name) => certificates.contextFor(name), close: () => certificates.close() };
}
