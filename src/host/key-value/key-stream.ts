// All keys of a store as a stream, at the pace of its reader.
import { bytesOfText } from '../../component/types/host-byte-budget.ts';
import type { StreamWriter } from '../../component/types/streams.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type CallingRequest, GuestCall } from '../guest-call.ts';
import type { KeyValueError } from './operation.ts';
import { type KeyValueStore, StoreFault } from './store.ts';

/** Settles at the end with what the future beside the stream tells. Never rejects. */
export async function produceKeys(
  store: KeyValueStore,
  request: CallingRequest,
  writer: StreamWriter<string>,
): Promise<Result<undefined, KeyValueError>> {
  try {
    let from: unknown;
    do {
      const operation = new GuestCall(request);
      try {
        const piece = await store.keys(from, operation);
        operation.keep(piece.keys.reduce((bytes, key) => bytes + bytesOfText(key), 0));
        await writer.write(piece.keys);
        from = piece.next;
      } finally {
        operation.release();
      }
    } while (from !== undefined && !writer.dropped);
    return ok();
  } catch (error) {
    return err({ tag: 'other', val: error instanceof StoreFault ? error.message : 'the keys could not be listed' });
  } finally {
    writer.close();
  }
}
