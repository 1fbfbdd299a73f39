// Bodies that are whole before anybody says so: all bytes that content-length announced are there.
type Chunk = Uint8Array | undefined;

/**
 * For a body that has all its bytes: what `rest` brings in this turn of the event loop, or the end. Whoever made it may
 * take its time to say that it ended, or never do; whoever wants it has all that there is.
 */
export async function endOrMore(rest: Promise<Chunk>): Promise<Chunk> {
  rest.catch(() => undefined); // after the turn nobody listens
  let turn: NodeJS.Immediate | undefined;
  const over = new Promise<undefined>((resolve) => {
    turn = setImmediate(() => resolve(undefined));
  });
  try {
    return await Promise.race([rest, over]);
  } finally {
    clearImmediate(turn);
  }
}
