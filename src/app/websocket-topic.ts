// Topics of WebSockets, as manifests and guests name them.

const MOST_BYTES = 256;

/** What is wrong with a topic, to stand after "a topic"; undefined when nothing is. */
export function topicFault(topic: string): string | undefined {
  const bytes = Buffer.byteLength(topic);
  return bytes > 0 && bytes <= MOST_BYTES ? undefined : `has 1 to ${MOST_BYTES} bytes, not ${bytes}`;
}
