// What the process of a program and that of its apps tell each other of errors and of heads of messages: both sides load it, in
// old and new versions of Node.

/** Headers of the HTTP between the two: they carry heads as JSON, whose own headers may be any. */
export const HEAD = 'mayfly-head';
export const ERROR = 'mayfly-error';

/** Bytes of a head, which apps limit by themselves. */
export const MOST_HEAD_BYTES = 8 * 1024 * 1024;

export function encodeHead(head) {
  return Buffer.from(JSON.stringify(head)).toString('base64url');
}

export function decodeHead(text) {
  return JSON.parse(Buffer.from(text, 'base64url').toString());
}

/** Of an error what its other end can make one of. */
export function describeError(error) {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack, code, blame, location, hint, problems, limit } = error;
  const cause = typeof error.cause === 'string' ? error.cause : undefined;
  const own = name === 'MayflyError' ? { blame, location, hint, limit, problems: problems?.map(describeError) } : {};
  return { name, message, stack, cause, ...(typeof code === 'string' && { code }), ...own };
}
