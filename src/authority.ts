// Hosts with ports as URLs and headers write them (RFC 3986, section 3.2): an address of IPv6 stands in brackets.

/** A host as it stands before a port. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The host of an authority, without port and brackets: `::1` of `[::1]:5000`. */
export function hostWithoutPort(authority: string): string {
  return authority.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** Host and port. */
export function authorityOf(host: string, port: number | string): string {
  return `${bracketed(host)}:${port}`;
}
