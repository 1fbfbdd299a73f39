// The address of a broker, with the values of variables in it.
import { MayflyError } from '../errors.ts';

export interface BrokerAddress {
  readonly url: URL;
  /** Host and port. */
  readonly origin: string;
}

/**
 * Reads an address. `schemes` are those that the broker has, each with its port. Throws `trigger-start`, without the
 * address: there may be a password in it.
 */
export function brokerAddress(
  trigger: string,
  address: string,
  schemes: Readonly<Record<string, number>>,
): BrokerAddress {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const port = url && (Object.hasOwn(schemes, url.protocol) ? schemes[url.protocol] : undefined);
  if (url && port !== undefined && url.hostname !== '') {
    return { url, origin: `${url.hostname}:${url.port || port}` };
  }
  const [first] = Object.keys(schemes);
  const message = `The address of the ${trigger} trigger is no URL of such a server`;
  throw new MayflyError('trigger-start', message, { hint: `Write it as '${first}//host:${schemes[first ?? '']}'` });
}

/** An address of the manifest as people may see it: without user and password. */
export function shownAddress(template: string): string {
  return template.replace(/^([a-z]+:\/\/)?(.*@)?/s, '').replace(/\/$/, '');
}
