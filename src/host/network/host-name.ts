// The one spelling of a host name or address, so that it can be compared.

/**
 * The name or address as URLs write it, so that two spellings of one host are equal; undefined when the text is
 * neither.
 */
export function normalHost(host: string): string | undefined {
  if (host === '' || /[\s/\\?#@]/.test(host) || (host.includes(':') && !/^\[.*\]$/.test(host))) return undefined;
  try {
    const url = new URL(`http://${host}`);
    return url.port === '' && url.hostname !== '' ? url.hostname : undefined;
  } catch {
    return undefined;
  }
}
