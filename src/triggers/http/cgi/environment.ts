// Makes the meta-variables of a request by RFC 3875, those that WAGI adds, and the command line of a CGI program.
// https://www.rfc-editor.org/rfc/rfc3875#section-4.1
import { hostWithoutPort } from '../../../authority.ts';
import type { HttpRequest } from '../../../host/http-message.ts';
import { parseAuthority } from '../../../host/http-syntax.ts';
import type { RouteMatch } from '../router.ts';

/** What a program is told about the request apart from the message itself. */
export interface CgiRoute {
  readonly match: Omit<RouteMatch<unknown>, 'value'>;
  /** `argv` of the manifest's executor. */
  readonly argv: string;
}

type Variables = (readonly [name: string, value: string])[];

/**
 * The arguments: `${SCRIPT_NAME}` stands for the path, `${ARGS}` for the query with its `&` as spaces; spaces separate
 * arguments.
 */
export function commandLine(argv: string, target: string): readonly string[] {
  const { path, query } = split(target);
  const values: Readonly<Record<string, string>> = { SCRIPT_NAME: path, ARGS: query.replaceAll('&', ' ') };
  const text = argv.replace(/\$\{(SCRIPT_NAME|ARGS)\}/g, (_, name: string) => values[name] ?? '');
  return text.split(' ').filter((argument) => argument !== '');
}

/** The variables. `length` is that of the body, undefined when it is not known before it has been read. */
export function metaVariables(
  request: HttpRequest,
  { match }: CgiRoute,
  clientAddress: string,
  length: number | undefined,
): Variables {
  const { method, scheme, authority, target } = request;
  const { path, query } = split(target);
  const client = hostWithoutPort(clientAddress);
  const [host, port] = serverOf(authority, scheme);
  const pathInfo = decodePercent(match.pathInfo);
  const variables: Variables = [
    ['AUTH_TYPE', ''],
    ['CONTENT_TYPE', headerOf(request, 'content-type') ?? ''],
    ['GATEWAY_INTERFACE', 'CGI/1.1'],
    ['PATH_INFO', pathInfo],
    ['PATH_TRANSLATED', pathInfo],
    ['QUERY_STRING', query],
    ['REMOTE_ADDR', client],
    ['REMOTE_HOST', client],
    ['REMOTE_USER', ''],
    ['REQUEST_METHOD', method],
    ['REQUEST_URI', target],
    ['SCRIPT_NAME', scriptName(path, match.pathInfo)],
    ['SERVER_NAME', host],
    ['SERVER_PORT', port],
    ['SERVER_PROTOCOL', 'HTTP/1.1'],
    ['SERVER_SOFTWARE', 'WAGI/1'],
    ['X_BASE_PATH', '/'],
    ['X_CLIENT_ADDR', clientAddress],
    ['X_COMPONENT_ROUTE', match.componentRoute],
    ['X_FULL_URL', `${scheme}://${authority}${target}`],
    ['X_MATCHED_ROUTE', match.matchedRoute || '/'],
    ['X_RAW_COMPONENT_ROUTE', match.route],
    ['X_RAW_PATH_INFO', match.pathInfo],
  ];
  if (length !== undefined) variables.push(['CONTENT_LENGTH', String(length)]);
  for (const [name, value] of match.params) variables.push([`X_PATH_MATCH_${variableName(name)}`, value]);
  return [...variables, ...headerVariables(request)];
}

/** The path that led to the program, before PATH_INFO. */
function scriptName(path: string, pathInfo: string): string {
  return decodePercent(path.endsWith(pathInfo) ? path.slice(0, path.length - pathInfo.length) : path);
}

/**
 * The variables of the headers. Repeated headers are joined, as the RFC demands. Credentials and what concerns the
 * connection are withheld, and so is `proxy`: HTTP_PROXY would tell libraries in the guest which proxy to use
 * (https://httpoxy.org). A name with `_` could pass for the one with `-`.
 */
function headerVariables({ headers }: HttpRequest): Variables {
  const values = new Map<string, string>();
  for (const [name, value] of headers) {
    if (withheld.has(name) || name.startsWith('spin-') || name.includes('_')) continue;
    const key = `HTTP_${variableName(name)}`;
    const known = values.get(key);
    const text = decodeBytes(value);
    values.set(key, known === undefined ? text : `${known}${name === 'cookie' ? '; ' : ', '}${text}`);
  }
  return [...values];
}

const withheld = new Set([
  ...['authorization', 'proxy-authorization', 'proxy'],
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade', 'http2-settings'],
]);

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}

function headerOf({ headers }: HttpRequest, name: string): string | undefined {
  const found = headers.find(([key]) => key === name);
  return found && decodeBytes(found[1]);
}

/** Decodes a value. Header values are bytes in latin1; programs are given text, which is UTF-8 nowadays. */
function decodeBytes(value: string): string {
  return Buffer.from(value, 'latin1').toString();
}

function split(target: string): { path: string; query: string } {
  const at = target.indexOf('?');
  return at < 0 ? { path: target, query: '' } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** Decodes percent signs. A NUL would end the value for most programs, so such a text stays as it was sent. */
function decodePercent(text: string): string {
  const bytes = text.replace(/%(?!00)([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return decodeBytes(bytes);
}

function serverOf(authority: string, scheme: string): readonly [host: string, port: string] {
  const parsed = parseAuthority(authority);
  const port = parsed?.port ?? (scheme === 'https' ? 443 : 80);
  return [parsed?.host ?? authority, String(port)];
}
