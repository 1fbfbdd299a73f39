// `[[client_tls]]` of the runtime configuration: the authorities that count, and the certificate that is shown, for
// connections of some components to some hosts.
import { certificatesIn, privateKeyIn } from '../../app/runtime-config/pem-files.ts';
import type { ClientTlsConfig } from '../../app/runtime-config/runtime-config.ts';
import { normalHost } from './host-name.ts';

/** What node:tls takes; all of it is PEM. */
export interface ClientTls {
  readonly ca: string[];
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export type TlsFor = (componentId: string, host: string) => ClientTls | undefined;

/**
 * Reads the files of all entries. What it returns gives the first entry for a component and a host (a name or an
 * address), and undefined where the usual authorities count. Throws PemFault.
 */
export function readClientTls(configs: readonly ClientTlsConfig[]): TlsFor {
  const entries = configs.map((config) => ({ config, tls: read(config) }));
  return (componentId, host) => {
    const name = normalHost(host) ?? host;
    return entries.find(({ config }) => concerns(config, componentId, name))?.tls;
  };
}

function concerns({ componentIds, hosts }: ClientTlsConfig, componentId: string, name: string): boolean {
  const isMeant = componentIds.includes(componentId) || componentIds.includes('*');
  return isMeant && hosts.some((host) => hostFits(host, name));
}

function hostFits(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  if (pattern.startsWith('*.')) return name.endsWith(pattern.slice(1).toLowerCase());
  return (normalHost(pattern) ?? normalHost(`[${pattern}]`)) === name;
}

function read(config: ClientTlsConfig): ClientTls {
  const roots = config.caRootsFile === undefined ? [] : certificatesIn(config.caRootsFile);
  const { getCACertificates } = process.getBuiltinModule('node:tls');
  return {
    // The list of Mozilla, which Node carries, is what Spin has in its crate webpki-roots.
    ca: [
      ...roots,
      ...(config.caUsePlatformRoots ? getCACertificates('system') : []),
      ...(config.caUseWebpkiRoots ? getCACertificates('bundled') : []),
    ],
    cert: config.clientCertFile === undefined ? undefined : certificatesIn(config.clientCertFile).join(''),
    key: config.clientPrivateKeyFile === undefined ? undefined : privateKeyIn(config.clientPrivateKeyFile),
  };
}
