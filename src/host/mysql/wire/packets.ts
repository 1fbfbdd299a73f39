// Cuts what a server sends into packets, joined where one is longer than 16 MiB, and writes those of the client. How long
// one may be is asked before it is kept.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html

const HEADER = 4;
const MOST_OF_PACKET = 0xffffff;

export interface Packet {
  readonly body: Buffer;
}

/** Told of each packet when its header is there, with its first byte's place unknown yet. Throws when it may not come. */
export type Announced = (bytes: number) => void;

export class PacketCutter {
  readonly #announced: Announced;
  readonly #take: (packet: Packet) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Of the packet that is under way, with its header; 0 when that is not known yet. */
  #needed = 0;
  /** Packets of full length that the next one belongs to. */
  #parts: Buffer[] = [];

  constructor(announced: Announced, take: (packet: Packet) => void) {
    this.#announced = announced;
    this.#take = take;
  }

  push(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= (this.#needed || HEADER)) {
      const all = this.#joined();
      if (this.#needed === 0) {
        this.#needed = HEADER + all.readUIntLE(0, 3);
        this.#announced(this.#needed - HEADER);
        continue;
      }
      const body = all.subarray(HEADER, this.#needed);
      this.#bytes -= this.#needed;
      this.#pieces = this.#bytes > 0 ? [all.subarray(this.#needed)] : [];
      this.#needed = 0;
      this.#part(body);
    }
  }

  #part(body: Buffer): void {
    if (body.length === MOST_OF_PACKET) {
      this.#parts.push(body);
      return;
    }
    const whole = this.#parts.length === 0 ? body : Buffer.concat([...this.#parts, body]);
    this.#parts = [];
    this.#take({ body: whole });
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first) return first;
    const all = Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [all];
    return all;
  }
}

/** The packets of a command, whose body begins with its number. */
export function packetsOf(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0, sequence = 0; ; at += MOST_OF_PACKET, sequence++) {
    const part = body.subarray(at, at + MOST_OF_PACKET);
    const head = Buffer.alloc(HEADER);
    head.writeUIntLE(part.length, 0, 3);
    head[3] = sequence & 0xff;
    pieces.push(head, part);
    if (part.length < MOST_OF_PACKET) return Buffer.concat(pieces);
  }
}
