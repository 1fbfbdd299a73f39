// Names of types that are not the same on every server: enumerations, domains, those of extensions. The catalogue has them.
import type { Channel } from './channel.ts';
import type { Frame } from './wire/frames.ts';
import { readRow } from './wire/messages.ts';

const QUERY = 'SELECT typname::pg_catalog.text FROM pg_catalog.pg_type WHERE oid OPERATOR(pg_catalog.=) $1';
/** The statement of the guest has the empty name. */
const NAME = 'mayfly_type';
const MOST_NAMES = 1000;

/** Adds the names to those of the session; a type that is gone is called by its number. */
export async function lookUpTypes(
  { wire, typeNames }: Channel,
  types: readonly number[],
  expect: (...types: readonly string[]) => Promise<Frame>,
): Promise<void> {
  const unknown = [...new Set(types)].filter((type) => !typeNames.has(type));
  if (unknown.length === 0) return;
  if (typeNames.size + unknown.length > MOST_NAMES) typeNames.clear();
  for (const type of unknown) {
    const oid = Buffer.alloc(4);
    oid.writeUInt32BE(type);
    wire.stream.cork();
    wire.parse({ name: NAME, text: QUERY });
    wire.bind({ statement: NAME, binary: true, values: [oid] });
    wire.execute({ portal: '', rows: 0 });
    wire.close({ type: 'S', name: NAME });
    wire.flush();
    wire.stream.uncork();
    await expect('1');
    await expect('2');
    for (let frame = await expect('D', 'C'); frame.type === 'D'; frame = await expect('D', 'C')) {
      typeNames.set(type, readRow(frame.body)[0]?.toString('utf8') ?? String(type));
    }
    await expect('3');
  }
}
