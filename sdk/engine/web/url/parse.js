// Reads and writes URLs: https://url.spec.whatwg.org/#url-parsing. The specification goes through the text character by
// character; here it is taken apart at the places where its states change, which an interpreter does faster.
import { C0, encode, FRAGMENT, PATH, QUERY, SPECIAL_QUERY, USERINFO } from './encode.js';
import { parseHost } from './host.js';

/** Schemes with an authority, and their usual ports. */
const SPECIAL = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
  ['ftp', 21],
  ['file', null],
]);

export const isSpecial = ({ scheme }) => SPECIAL.has(scheme);
export const isSpecialScheme = (scheme) => SPECIAL.has(scheme);
export const defaultPort = (scheme) => SPECIAL.get(scheme) ?? null;

/** What most URLs are: nothing in them has to be changed. */
const PLAIN =
  /^(https?):\/\/([a-z][a-z0-9-]*(?:\.[a-z][a-z0-9-]*)*)(?::([1-9]\d{0,3}))?(\/(?:[\w!$&'()*+,;=:@~%-][\w!$&'()*+,;=:@~%.-]*\/?)*)?(?:\?([\w!$&()*+,;=:@~%./?-]*))?$/;

/** The parts of a URL; undefined for what is none. `path` is a list, or a text where it has no parts. */
export function parseUrl(given, base) {
  const plain = PLAIN.exec(given);
  if (plain && !plain[2].includes('xn--') && !/%2e/i.test(plain[4] ?? '')) {
    const [, scheme, host, digits, path = '/', query = null] = plain;
    const port = digits === undefined || Number(digits) === defaultPort(scheme) ? null : Number(digits);
    return { scheme, username: '', password: '', host, port, path: path.slice(1).split('/'), query, fragment: null };
  }
  return parseAny(given, base);
}

function parseAny(given, base) {
  const input = given.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
  const [, name, afterScheme] = /^([a-z][a-z0-9+.-]*):([\s\S]*)$/i.exec(input) ?? [];
  const scheme = name?.toLowerCase() ?? base?.scheme;
  if (scheme === undefined) return undefined;
  const { main, query, fragment } = split(afterScheme ?? input);
  const url = { scheme, username: '', password: '', host: null, port: null, path: [], query: null, fragment: null };
  url.query = query === null ? null : encode(query, isSpecial(url) ? SPECIAL_QUERY : QUERY);
  url.fragment = fragment === null ? null : encode(fragment, FRAGMENT);
  if (name === undefined) {
    if (typeof base.path === 'string')
      return main === '' && query === null && fragment !== null ? { ...base, fragment: url.fragment } : undefined;
    return scheme === 'file' ? parseFile(url, main, base) : parseRelative(url, main, base);
  }
  if (scheme === 'file') return parseFile(url, main, base?.scheme === 'file' ? base : undefined);
  if (isSpecial(url)) {
    const isRelative = base?.scheme === scheme && !/^[/\\]{2}/.test(main);
    if (isRelative && !main.startsWith('//')) return parseRelative(url, main, base);
    return parseAuthority(url, main.replace(/^[/\\]*/, ''));
  }
  if (main.startsWith('//')) return parseAuthority(url, main.slice(2));
  if (main.startsWith('/')) return withPath(url, main, []);
  const trimmed = query === null && fragment === null ? main : main.replace(/ +$/, (spaces) => `${spaces.slice(1)}%20`);
  return { ...url, path: encode(trimmed, C0) };
}

/** Takes off query and fragment. */
function split(text) {
  const hash = text.indexOf('#');
  const fragment = hash < 0 ? null : text.slice(hash + 1);
  const rest = hash < 0 ? text : text.slice(0, hash);
  const mark = rest.indexOf('?');
  return { main: mark < 0 ? rest : rest.slice(0, mark), query: mark < 0 ? null : rest.slice(mark + 1), fragment };
}

const authorityOf = ({ username, password, host, port }) => ({ username, password, host, port });

function parseRelative(url, main, base) {
  const slash = isSpecial(url) ? /^[/\\]/ : /^\//;
  const two = isSpecial(url) ? /^[/\\]{2}/ : /^\/\//;
  if (two.test(main)) return parseAuthority(url, main.replace(isSpecial(url) ? /^[/\\]*/ : /^\/\//, ''));
  const own = { ...url, ...authorityOf(base) };
  if (slash.test(main)) return withPath(own, main, []);
  if (main === '') return { ...own, path: [...base.path], query: url.query ?? base.query };
  return withPath(own, main, shorter(base.path, url.scheme));
}

/** Without its last part; the letter of a drive stays. */
function shorter(path, scheme) {
  if (scheme === 'file' && path.length === 1 && /^[a-z]:$/i.test(path[0])) return [...path];
  return path.slice(0, -1);
}

const DRIVE = /^[a-z][:|](?:[/\\]|$)/i;

function parseFile(url, main, base) {
  const own = { ...url, host: '' };
  if (/^[/\\]{2}/.test(main)) {
    const [, name, rest] = /^..([^/\\]*)([\s\S]*)$/.exec(main);
    if (/^[a-z][:|]$/i.test(name)) return withPath(own, main.slice(1), []);
    const host = name === '' ? '' : parseHost(name, true);
    if (host === undefined) return undefined;
    return withPath({ ...own, host: host === 'localhost' ? '' : host }, rest, []);
  }
  if (/^[/\\]/.test(main)) {
    const keepsDrive = base && !DRIVE.test(main.slice(1)) && /^[a-z]:$/i.test(base.path[0] ?? '');
    return withPath({ ...own, host: base?.host ?? '' }, main, keepsDrive ? [base.path[0]] : []);
  }
  if (!base) return withPath(own, main, []);
  own.host = base.host;
  if (main === '') return { ...own, path: [...base.path], query: url.query ?? base.query };
  return withPath(own, main, DRIVE.test(main) ? [] : shorter(base.path, 'file'));
}

function parseAuthority(url, main) {
  const end = main.search(isSpecial(url) ? /[/\\]/ : /\//);
  const authority = end < 0 ? main : main.slice(0, end);
  const at = authority.lastIndexOf('@');
  const place = parsePlace(authority.slice(at + 1), url);
  if (place === undefined || (at >= 0 && place.host === '')) return undefined;
  const [username, ...password] = at < 0 ? [''] : authority.slice(0, at).split(':');
  const own = {
    ...url,
    ...place,
    username: encode(username, USERINFO),
    password: encode(password.join(':'), USERINFO),
  };
  return withPath(own, end < 0 ? '' : main.slice(end), []);
}

/** `{ host, port }` */
export function parsePlace(text, { scheme }) {
  const [, name, , digits] = /^(\[[^\]]*\]?[^:]*|[^:]*)(:([\s\S]*))?$/.exec(text);
  if (name === '' && (isSpecialScheme(scheme) || digits !== undefined)) return undefined;
  const host = name === '' ? '' : parseHost(name, isSpecialScheme(scheme));
  if (host === undefined) return undefined;
  if (digits === undefined || digits === '') return { host, port: null };
  if (!/^\d+$/.test(digits) || Number(digits) > 65_535) return undefined;
  return { host, port: Number(digits) === defaultPort(scheme) ? null : Number(digits) };
}

/** The URL with the parts of `text` behind those of `from`. */
export function withPath(url, text, from) {
  const path = [...from];
  const special = isSpecial(url);
  if (text === '' && !special) return { ...url, path };
  const slash = special ? /[/\\]/ : '/';
  const body = (special ? /^[/\\]/ : /^\//).test(text) ? text.slice(1) : text;
  const parts = body.split(slash);
  parts.forEach((part, index) => {
    const isLast = index === parts.length - 1;
    const plain = part.includes('%') ? part.replace(/%2e/gi, '.') : part;
    if (plain === '..') {
      const short = shorter(path, url.scheme);
      path.length = short.length;
      if (isLast) path.push('');
    } else if (plain === '.') {
      if (isLast) path.push('');
    } else if (url.scheme === 'file' && path.length === 0 && /^[a-z][:|]$/i.test(part)) path.push(`${part[0]}:`);
    else path.push(encode(part, PATH));
  });
  return { ...url, path };
}

export function pathText({ path }) {
  return typeof path === 'string' ? path : path.map((part) => `/${part}`).join('');
}

export function hostText({ host, port }) {
  return port === null ? (host ?? '') : `${host}:${port}`;
}

/** The text of a URL. */
export function urlText(url) {
  const { scheme, username, password, host, path, query, fragment } = url;
  let text = `${scheme}:`;
  if (host !== null) {
    const user = password === '' ? username : `${username}:${password}`;
    text += `//${user === '' ? '' : `${user}@`}${hostText(url)}`;
  } else if (typeof path !== 'string' && path.length > 1 && path[0] === '') text += '/.';
  text += pathText(url);
  if (query !== null) text += `?${query}`;
  return fragment === null ? text : `${text}#${fragment}`;
}
