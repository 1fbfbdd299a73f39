// Finds the route of a path by Spin's rules. Well-known paths, methods and hosts are not looked at here.
import { parseRoute, type Route, type RoutePiece } from '../../app/route.ts';

export interface RouteMatch<Value> {
  readonly value: Value;
  /** The route as written in the manifest: `/files/...`. */
  readonly route: string;
  /** The route with a leading and without a trailing slash, wildcard included, for `spin-matched-route`. */
  readonly matchedRoute: string;
  /** The route as in the manifest, without its trailing wildcard, for `spin-component-route`. */
  readonly componentRoute: string;
  /**
   * The part of the path that the wildcard took, with its leading slash, for `spin-path-info`; empty without a
   * wildcard.
   */
  readonly pathInfo: string;
  /** The values of `:name` segments, percent-encoded as they were sent. */
  readonly params: readonly (readonly [name: string, value: string])[];
}

export interface Router<Value> {
  /** Finds the route of `path`, the raw path of a request target without its query. */
  match(path: string): RouteMatch<Value> | undefined;
}

/**
 * Segment by segment, text is preferred to `:name.ext`, that to `:name`, and that to `/...`; the order in which routes
 * are given does not count. So an exact route beats all others, and of two wildcards the longer prefix wins.
 *
 * A trailing slash of the path does not count, `/a/...` matches `/a` too, and a `:name` is never empty. Nothing is
 * percent-decoded: `/%61` is not `/a`, and `%2F` does not separate segments. `.` and `..` are segments like others.
 *
 * Throws when a route is malformed or given twice: the manifest's checks come before.
 */
export function createRouter<Value>(entries: readonly { route: string; value: Value }[]): Router<Value> {
  const exact = new Map<string, RouteMatch<Value>>();
  const root = newNode<Value>();
  for (const { route, value } of entries) {
    const parsed = parseRoute(route);
    insert(root, parsed, value);
    if (parsed.shape === parsed.normal && !parsed.isWildcard) {
      exact.set(parsed.normal || '/', matchOf(newLeaf(parsed, value), [], ''));
    }
  }
  return { match: (path) => exact.get(path) ?? search(root, path) };
}

/** What all matches of one route have in common. */
interface Leaf<Value> {
  readonly common: Pick<RouteMatch<Value>, 'value' | 'route' | 'matchedRoute' | 'componentRoute'>;
  readonly names: readonly string[];
  readonly isWildcard: boolean;
}

function newLeaf<Value>(route: Route, value: Value): Leaf<Value> {
  return {
    common: {
      value,
      route: route.raw,
      matchedRoute: route.normal,
      componentRoute: route.raw.replace(/\/\.\.\.$/, ''),
    },
    names: route.segments.flat().flatMap((piece) => (piece.kind === 'param' ? [piece.name] : [])),
    isWildcard: route.isWildcard,
  };
}

interface Node<Value> {
  readonly texts: Map<string, Node<Value>>;
  readonly patterns: { readonly shape: string; readonly pieces: readonly RoutePiece[]; readonly node: Node<Value> }[];
  param: Node<Value> | undefined;
  leaf: Leaf<Value> | undefined;
  wildcard: Leaf<Value> | undefined;
}

function newNode<Value>(): Node<Value> {
  return { texts: new Map(), patterns: [], param: undefined, leaf: undefined, wildcard: undefined };
}

function insert<Value>(root: Node<Value>, route: Route, value: Value): void {
  let node = root;
  for (const pieces of route.segments) node = descend(node, pieces);
  const slot = route.isWildcard ? 'wildcard' : 'leaf';
  if (node[slot]) throw new Error(`The routes '${node[slot].common.route}' and '${route.raw}' match the same paths`);
  node[slot] = newLeaf(route, value);
}

function descend<Value>(node: Node<Value>, pieces: readonly RoutePiece[]): Node<Value> {
  const [first] = pieces;
  if (pieces.length > 1) return descendPattern(node, pieces);
  if (first!.kind === 'param') {
    node.param ??= newNode();
    return node.param;
  }
  let next = node.texts.get(first!.text);
  if (!next) {
    next = newNode();
    node.texts.set(first!.text, next);
  }
  return next;
}

function descendPattern<Value>(node: Node<Value>, pieces: readonly RoutePiece[]): Node<Value> {
  const shape = pieces.map((piece) => (piece.kind === 'param' ? ':' : piece.text)).join('.');
  const known = node.patterns.find((pattern) => pattern.shape === shape);
  if (known) return known.node;
  const made = { shape, pieces, node: newNode<Value>() };
  node.patterns.push(made);
  // Patterns with more text come first, since they are more exact; the shape makes the order independent of the
  // manifest's.
  node.patterns.sort((a, b) => textLength(b.pieces) - textLength(a.pieces) || (a.shape < b.shape ? -1 : 1));
  return made.node;
}

function textLength(pieces: readonly RoutePiece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.kind === 'text' ? piece.text.length + 1 : 0), 0);
}

function search<Value>(root: Node<Value>, path: string): RouteMatch<Value> | undefined {
  const trimmed = path.replace(/^\/+/, '').replace(/\/+$/, '');
  const segments = trimmed === '' ? [] : trimmed.split('/');
  const values: string[] = [];
  let wildcardFrom = -1;

  function visit(node: Node<Value>, index: number): Leaf<Value> | undefined {
    if (index === segments.length && node.leaf) return node.leaf;
    const found = index < segments.length ? visitSegment(node, index) : undefined;
    if (found || !node.wildcard) return found;
    wildcardFrom = index;
    return node.wildcard;
  }

  function visitSegment(node: Node<Value>, index: number): Leaf<Value> | undefined {
    const segment = segments[index]!;
    const text = node.texts.get(segment);
    const found = text && visit(text, index + 1);
    if (found) return found;
    for (const { pieces, node: next } of node.patterns) {
      const taken = matchPieces(pieces, segment);
      const leaf = taken && attempt(next, index, taken);
      if (leaf) return leaf;
    }
    return node.param && segment !== '' ? attempt(node.param, index, [segment]) : undefined;
  }

  function attempt(node: Node<Value>, index: number, taken: readonly string[]): Leaf<Value> | undefined {
    const depth = values.length;
    values.push(...taken);
    const leaf = visit(node, index + 1);
    if (!leaf) values.length = depth;
    return leaf;
  }

  const leaf = visit(root, 0);
  return leaf && matchOf(leaf, values, leaf.isWildcard ? pathInfo(segments, wildcardFrom, path) : '');
}

/** Matches a segment. Every piece but the last ends at the next dot; the last takes the rest. */
function matchPieces(pieces: readonly RoutePiece[], segment: string): string[] | undefined {
  const values: string[] = [];
  let rest = segment;
  for (const [index, piece] of pieces.entries()) {
    const dot = index === pieces.length - 1 ? rest.length : rest.indexOf('.');
    const part = dot === -1 ? undefined : rest.slice(0, dot);
    if (part === undefined || (piece.kind === 'text' ? part !== piece.text : part === '')) return undefined;
    if (piece.kind === 'param') values.push(part);
    rest = rest.slice(dot + 1);
  }
  return values;
}

/**
 * The part of the path that the wildcard took, as Spin has it: a trailing slash of the path is kept (once), `/test`
 * under `/test/...` gives the empty string.
 */
function pathInfo(segments: readonly string[], from: number, path: string): string {
  const rest = segments.slice(from).join('/');
  return `${rest === '' ? '' : `/${rest}`}${path.endsWith('/') ? '/' : ''}`;
}

function matchOf<Value>(leaf: Leaf<Value>, values: readonly string[], info: string): RouteMatch<Value> {
  const params = leaf.names.map((name, index) => [name, values[index]!] as const);
  return { ...leaf.common, pathInfo: info, params };
}
