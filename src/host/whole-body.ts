// Bodies that are whole before their end is told: all bytes that content-length announced are there.
type Chunk = Uint8Array | undefined;

/**
 * Gives what `rest` brings in this turn of the event loop, or the end: for a body that has all its bytes. Its producer
 * may take its time to say that it ended, or never do; the consumer has all that there is.
 */
export async function endOrMore(rest: Promise<Chunk>): Promise<Chunk> {
  rest.catch(() => undefined); // nobody listens after this turn, and a rejection must not end the process
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
