// Errors of Redis in the words of Spin, which has them from the client that it uses (redis-rs).

/** Codes of errors that the client knows, and what it calls them. */
const known: ReadonlyMap<string, string> = new Map([
  ['ERR', 'ResponseError'],
  ['EXECABORT', 'ExecAbortError'],
  ['LOADING', 'BusyLoadingError'],
  ['NOSCRIPT', 'NoScriptError'],
  ['MOVED', 'Moved'],
  ['ASK', 'Ask'],
  ['TRYAGAIN', 'TryAgain'],
  ['CLUSTERDOWN', 'ClusterDown'],
  ['CROSSSLOT', 'CrossSlot'],
  ['MASTERDOWN', 'MasterDown'],
  ['READONLY', 'ReadOnly'],
  ['NOTBUSY', 'NotBusy'],
  ['NOSUB', 'NoSub'],
  ['NOPERM', 'NoPerm'],
]);

/** The text of an error that a server sent: its line without the sign at the start. */
export function errorText(line: string): string {
  const [, code = '', detail = ''] = /^(\S*) ?(.*)$/s.exec(line) ?? [];
  const kind = known.get(code);
  if (kind === undefined) return `${code}: ${detail}`;
  return `An error was signalled by the server - ${kind}: ${detail}`;
}

/** The text of an error about a reply that has no place in the result. */
export function incompatible(detail: string): string {
  return `Could not convert Redis response - TypeError: ${detail}`;
}
