// Checks that each entry of `allowed_outbound_hosts` has the form `scheme://host[:port]`. The outbound services check
// the permission itself, and know what a host may be.
import type { Entries } from '../document.ts';
import { textsOf } from '../document.ts';
import type { Problems } from '../problems.ts';

export function checkHosts({ components }: Entries, problems: Problems): void {
  for (const { path, table } of components) {
    const check = (key: string, expand: (entry: string) => readonly string[]): void => {
      for (const { index, text } of textsOf(table[key])) {
        const fault = expand(text)
          .map(hostFault)
          .find((found) => found !== undefined);
        if (!fault) continue;
        problems.add('manifest-allowed-host', [...path, key, index], `"${text}" ${fault.message}`, {
          hint: fault.hint,
        });
      }
    };
    check('allowed_outbound_hosts', (entry) => [entry]);
    check('allowed_http_hosts', outboundHosts);
  }
}

/** The entry of the old key that allows everything that HTTP reaches. */
const ALLOW_ALL = 'insecure:allow-all';

/**
 * The entries of `allowed_outbound_hosts` for one of the old key `allowed_http_hosts`, which is a host without a
 * scheme.
 */
export function outboundHosts(entry: string): readonly string[] {
  if (entry === ALLOW_ALL) return ['http://*:*', 'https://*:*', 'http://self'];
  if (entry === 'self') return ['http://self'];
  return entry.includes('://') ? [entry] : [`http://${entry}`, `https://${entry}`];
}

/** Says what is wrong with the form of an entry; nothing is known of one that has `{{ … }}` in it. */
export function hostFault(entry: string): { message: string; hint: string } | undefined {
  if (entry.includes('{{')) return undefined;
  if (entry === '*') {
    return { message: 'does not say which protocols', hint: `Write "https://*", or "*://*:*" for everything` };
  }
  if (entry === ALLOW_ALL) {
    return {
      message: "is an entry of the old key 'allowed_http_hosts'",
      hint: 'Write "http://*:*" and "https://*:*", or "*://*:*" for every protocol',
    };
  }
  const match = /^([^/]*):\/\/(.*)$/s.exec(entry);
  if (!match) return { message: 'has no scheme', hint: `Write "https://${entry.replace(/^\/+/, '') || '<host>'}"` };
  const [, scheme, rest] = match as unknown as [string, string, string];
  if (!/^(\*|[a-z][a-z0-9+.-]*)$/i.test(scheme)) {
    return { message: `has "${scheme}" as its scheme`, hint: 'A scheme is a word, such as https, or *' };
  }
  if (/,|\s/.test(rest)) return { message: 'holds more than one host', hint: 'Give each host an entry of its own' };
  return authorityFault(scheme, rest);
}

function authorityFault(scheme: string, rest: string): { message: string; hint: string } | undefined {
  const cidr = /^(\[[0-9a-f:.]+\]|[0-9a-f:.]+)\/\d{1,3}(:.*)?$/i.test(rest);
  const slash = cidr ? -1 : rest.indexOf('/');
  if (slash > 0 && slash < rest.length - 1) {
    return { message: 'has a path', hint: `Permissions are for hosts: write "${scheme}://${rest.slice(0, slash)}"` };
  }
  const authority = rest.replace(/\/$/, '');
  // The colons of an IPv6 address without brackets do not tell a port from an address, so the matcher decides.
  if (!authority.startsWith('[') && authority.split(':').length > 2) return undefined;
  const port = /^(?:\[[^\]]*\]|[^:[]*)(?:\/\d+)?:(.*)$/.exec(authority)?.[1];
  const host = port === undefined ? authority : authority.slice(0, -port.length - 1);
  if (host === '') return { message: 'has no host', hint: `Write "${scheme}://<host>"` };
  if (host.includes('@')) return { message: 'holds a user name', hint: 'Leave the user and password out' };
  if (/\*/.test(host.replace(/^\*\./, '')) && host !== '*') {
    return { message: 'has a * inside a name', hint: 'A * stands for a whole host, or before the first dot' };
  }
  if (port !== undefined && !isPort(port)) {
    return { message: `has "${port}" as its port`, hint: 'A port is a number, a range such as 8000..9000, or *' };
  }
  return undefined;
}

function isPort(port: string): boolean {
  const range = /^(\d{1,5})(?:\.\.(\d{1,5}))?$/.exec(port);
  if (!range) return port === '*';
  const [from, to] = [Number(range[1]), range[2] === undefined ? undefined : Number(range[2])];
  return from <= 65_535 && (to === undefined || (to > from && to <= 65_536));
}
