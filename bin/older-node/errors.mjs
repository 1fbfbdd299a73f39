// Errors of apps in another process, made anew here.

export class MayflyError extends Error {
  name = 'MayflyError';

  constructor(code, message, { blame = 'host', location, hint, problems = [], limit, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.blame = blame;
    this.location = location;
    this.hint = hint;
    this.problems = problems;
    this.limit = limit;
  }
}

const known = { TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };

/** The error of which `describeError` of messages.mjs told. */
export function revived({ name, message, stack, code, problems, ...more }) {
  if (name === 'MayflyError') {
    return withStack(new MayflyError(code, message, { ...more, problems: problems?.map(revived) }), stack);
  }
  const error = new (Object.hasOwn(known, name) ? known[name] : Error)(message);
  if (error.name !== name) Object.defineProperty(error, 'name', { value: name, configurable: true, writable: true });
  if (code !== undefined) error.code = code;
  if (more.cause !== undefined) error.cause = more.cause;
  return withStack(error, stack);
}

function withStack(error, stack) {
  if (stack !== undefined) Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
  return error;
}
