// Breaks in the host services that need no test.
import type { KnownSurvivor } from './known-survivor.ts';

export const host: readonly KnownSurvivor[] = [
  {
    file: 'src/host/wasi/http/fields.ts',
    change: 'this.#raw = false; → this.#raw = true;',
    reason: 'What is filtered is filtered again, and stays as it is.',
  },
  {
    file: 'src/host/wasi/io/pollables.ts',
    change:
      'const left = (deadline - process.hrtime.bigint() + NS_PER_MS - 1n) / NS_PER_MS; → const left = (deadline - process.hrtime.bigint() + NS_PER_MS + 1n) / NS_PER_MS;',
    reason: 'A timer of the host may be a millisecond late in any case.',
  },
  {
    file: 'src/host/wasi/sockets/udp-socket.ts',
    change: 'const MAX_DATAGRAM = 65_535; → const MAX_DATAGRAM = 65536;',
    reason: 'The system refuses 65,536 bytes with the same error.',
  },
  {
    file: 'src/host/wasi/filesystem/bindings-0.3.ts',
    change: 'while (batch.length < BATCH) { → while (batch.length <= BATCH) {',
    reason: 'Entries that are handed over at once: one more takes no room that counts.',
  },
  {
    file: 'src/host/wasi/filesystem/host-directory.ts',
    change: 'const O_PATH = 0o10000000; → const O_PATH = 2097153;',
    reason: 'With O_PATH the system ignores how a file is to be opened.',
  },
  {
    file: 'src/host/wasi/http/fields.ts',
    change: 'this.#shared = false; → this.#shared = true;',
    reason: 'A list that is nobody else’s is copied once more.',
  },
  {
    file: 'src/host/wasi/io/pollables.ts',
    change:
      'const ms = left > LONGEST_TIMEOUT_MS ? LONGEST_TIMEOUT_MS : Math.max(0, Number(left)); → const ms = left >= LONGEST_TIMEOUT_MS ? LONGEST_TIMEOUT_MS : Math.max(0, Number(left));',
    reason: 'Both sides are equal then.',
  },
  {
    file: 'src/host/sqlite/backends/libsql.ts',
    change:
      'const caller = { signal: AbortSignal.timeout(30_000), keep: () => undefined }; → const caller = { signal: AbortSignal.timeout(30001), keep: () => undefined };',
    reason: 'A millisecond more of half a minute.',
  },
  {
    file: 'src/host/wasi/filesystem/resolve.ts',
    change:
      "if (/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\\$|conout\\$)(\\.|\\s*$)/i.test(name)) fail('not-permitted'); → if (false) fail('not-permitted');",
    reason: 'It is reached on Windows only.',
  },
  {
    file: 'src/host/wasi/random/random.ts',
    change:
      'if (size > BLOCK / 8) return randomFillSync(new Uint8Array(size)); → if (size > BLOCK * 8) return randomFillSync(new Uint8Array(size));',
    reason: 'Both ways give random bytes; the bound says which is faster.',
  },
  {
    file: 'src/host/bytes-body.ts',
    change:
      'const larger = new Uint8Array(Math.max(FIRST, 2 * whole.length, size + piece.length)); → const larger = new Uint8Array(Math.max(FIRST, 2 + whole.length, size + piece.length));',
    reason: 'It only copies more often.',
  },
  {
    file: 'src/host/variables/backends/vault.ts',
    change: 'await response.body?.cancel(); → ;',
    reason: 'The connection is closed by the collector instead.',
  },
  {
    file: 'src/host/sqlite/backends/spin/prove-short.ts',
    change:
      'const before = program.slice(start >= prologue ? prologue : 0, start >= prologue ? end : program.length); → const before = program.slice(start >= prologue ? prologue : 0, start > prologue ? end : program.length);',
    reason: 'It looks at more of the program, which can only make the answer more careful.',
  },
  {
    file: 'src/host/sqlite/database.ts',
    change: 'const VALUE_BYTES = 24; → const VALUE_BYTES = 25;',
    reason: 'An estimate of what a value takes.',
  },
  {
    file: 'src/host/sqlite/backends/spin/in-place.ts',
    change: 'if (known || this.#kept.has(text)) return known; → if (known) return known;',
    reason: 'A statement that is not short would be examined each time: slower, with the same answer.',
  },
  {
    file: 'src/host/key-value/open-stores.ts',
    change: 'this.#last += 1; → this.#last += 2;',
    reason: 'Numbers of stores are only told apart.',
  },
  {
    file: 'src/host/key-value/backends/redis.ts',
    change: 'const MOST_WAITING = 10_000; → const MOST_WAITING = 10001;',
    reason: 'A bound of what waits; that there is one is tried.',
  },
  {
    file: 'src/host/sqlite/backends/spin/runners.ts',
    change: 'else if (!runner.isDead) this.#keep(runner); → else if (false) this.#keep(runner);',
    reason: 'A runner would be made for each statement: slower, with the same answer.',
  },
  {
    file: 'src/host/sqlite/backends/spin/runners.ts',
    change: 'const idle = this.#idle.pop(); → const idle = this.#idle.shift();',
    reason: 'Any idle runner does.',
  },
  {
    file: 'src/host/sqlite/backends/spin/in-place.ts',
    change: 'this.#moved = false; → this.#moved = true;',
    reason: 'What is kept would be forgotten each time: slower, with the same answer.',
  },
  {
    file: 'src/host/sql/inbox.ts',
    change:
      'if (this.#bytes < LOW && this.#socket.isPaused()) this.#socket.resume(); → if (this.#bytes <= LOW && this.#socket.isPaused()) this.#socket.resume();',
    reason: 'The socket goes on one byte earlier.',
  },
  {
    file: 'src/host/wasi/cli/line-output.ts',
    change:
      'if (rest.length >= 64) rest = [Buffer.concat(rest, restLength)]; → if (!(rest.length >= 64)) rest = [Buffer.concat(rest, restLength)];',
    reason: 'Pieces are only copied together more often.',
  },
  {
    file: 'src/host/sqlite/backends/spin/in-place.ts',
    change: '#moved = false; → #moved = true;',
    reason: 'What is kept would be forgotten once more.',
  },
  {
    file: 'src/host/sqlite/backends/spin/runners.ts',
    change: "signal?.removeEventListener('abort', abort); → ;",
    reason: 'The signal ends with its request, and its listeners with it.',
  },
  {
    file: 'src/host/sqlite/backends/spin/connection.ts',
    change: 'if (this.#closed) return; → if (false) return;',
    reason: 'The runner has no such connection any more, and nobody waits for its answer.',
  },
  {
    file: 'src/host/wasi/filesystem/utimensat.ts',
    change: 'const AT_FDCWD = -100; → const AT_FDCWD = -101;',
    reason: 'Paths are absolute: the folder from which they would count is not looked at.',
  },
  {
    file: 'src/host/sqlite/backends/spin/runners.ts',
    change:
      "signal?.addEventListener('abort', abort, { once: true }); → signal?.addEventListener('abort', abort, { once: false });",
    reason: 'A signal is aborted once.',
  },
  {
    file: 'src/host/sqlite/backends/spin/runners.ts',
    change: 'this.#waiting.clear(); → ;',
    reason: 'They are rejected; a runner that is dead goes with what it holds.',
  },
  {
    file: 'src/host/mysql/session.ts',
    change:
      "else if (bytes > MOST_PACKET) throw protocolFault('a packet is too long'); → else if (bytes >= MOST_PACKET) throw protocolFault('a packet is too long');",
    reason: 'A bound on memory: one byte of many less.',
  },
  {
    file: 'src/host/wasi/sockets/tcp-connection.ts',
    change: 'socket.setNoDelay(true); → ;',
    reason: 'Small writes go out later; what goes out is the same.',
  },
  {
    file: 'src/host/bytes-body.ts',
    change:
      'const larger = new Uint8Array(Math.max(FIRST, 2 * whole.length, size + piece.length)); → const larger = new Uint8Array(Math.max(FIRST, 3 * whole.length, size + piece.length));',
    reason: 'How much larger a buffer becomes is a matter of speed.',
  },
  {
    file: 'src/host/outbound-http/in-process.ts',
    change: "options.signal?.removeEventListener('abort', abandon); → ;",
    reason: 'Afterwards the listener rejects a promise that has been settled; the signal lives as long as its request.',
  },
  {
    file: 'src/host/sqlite/backends/spin/runner.ts',
    change:
      'if (written.rowid !== 0n || written.changes !== 0n) this.#remember(written); → if (written.rowid !== 0n || written.changes === 0n) this.#remember(written);',
    reason:
      'To remember nothing leaves nothing behind, and who changed rows without a rowid is rare: of tables WITHOUT ROWID.',
  },
  {
    file: 'src/host/sqlite/backends/spin/connection.ts',
    change: 'this.#last += 1; → this.#last -= 1;',
    reason: 'Numbers of connections only have to differ.',
  },
  {
    file: 'src/host/postgres/type-lookup.ts',
    change: 'if (unknown.length === 0) return; → if (false) return;',
    reason: 'Nothing is looked up in either case.',
  },
  {
    file: 'src/host/mysql/statement.ts',
    change: "if (this.#request.wants === 'nothing') { → if (false) {",
    reason: 'Rows that nobody wants are then kept until the end, within the limit of what a request may hold.',
  },
  {
    file: 'src/host/sqlite/backends/spin/runner.ts',
    change:
      "if (temporary) this.#database.exec('PRAGMA synchronous = OFF'); → if (!(temporary)) this.#database.exec('PRAGMA synchronous = OFF');",
    reason: 'How safely SQLite writes shows only where the power fails.',
  },
  {
    file: 'src/host/network/blocked-networks.ts',
    change:
      'const [high = 0, low = 0] = groups.slice(at, at + 2); → const [high = 1, low = 0] = groups.slice(at, at + 2);',
    reason: 'There are always eight groups.',
  },
  {
    file: 'src/host/bytes-body.ts',
    change: 'let whole = new Uint8Array(0); → let whole = new Uint8Array(1);',
    reason: 'The first piece that does not fit makes a larger one.',
  },
  {
    file: 'src/host/outbound-http/send.ts',
    change:
      'if ((request.hops ?? 0) > MOST_HOPS) throw loop(options, sendOptions); → if ((request.hops ?? 1) > MOST_HOPS) throw loop(options, sendOptions);',
    reason: 'A request without a number has passed nobody, which is as far from the bound as one.',
  },
  {
    file: 'src/host/network/connection-pool.ts',
    change: 'clearTimeout(idle.timer); → ;',
    reason: 'A timer that fires later finds that it is lent, or closed, and does nothing.',
  },
  {
    file: 'src/host/sqlite/backends/spin.ts',
    change:
      'const database = new sqlite.DatabaseSync(file, { timeout: 5000, enableDoubleQuotedStringLiterals: true }); → const database = new sqlite.DatabaseSync(file, { timeout: 5001, enableDoubleQuotedStringLiterals: true });',
    reason: 'A time.',
  },
  {
    file: 'src/host/key-value/backends/redis.ts',
    change: 'disableOfflineQueue: true, → disableOfflineQueue: false,',
    reason: 'A command is given to a client that is connected; what the connection loses later fails in both cases.',
  },
  {
    file: 'src/host/mysql/wire/connect.ts',
    change:
      '...(address.usesTls ? { ssl: { rejectUnauthorized: true, verifyIdentity: true } } : {}), → ...(address.usesTls ? { ssl: { rejectUnauthorized: true, verifyIdentity: false } } : {}),',
    reason: 'startTls, which takes the place of the library’s own, compares the name in any case.',
  },
  {
    file: 'src/host/mqtt/broker-connection.ts',
    change:
      'const isSilent = performance.now() - Math.max(started, this.#lastTaken) > SILENT_MS; → const isSilent = performance.now() - Math.max(started, this.#lastTaken) >= SILENT_MS;',
    reason: 'A time.',
  },
  {
    file: 'src/host/mysql/wire/packets.ts',
    change: 'this.#pieces = [all]; → ;',
    reason: 'The pieces would be joined once more, to the same bytes.',
  },
  {
    file: 'src/host/sqlite/backends/libsql.ts',
    change:
      'if (caller.signal.aborted || error instanceof SqlFault) throw error; → if (caller.signal.aborted && error instanceof SqlFault) throw error;',
    reason: 'What is neither of JSON nor of fetch is thrown as it is below, too.',
  },
  {
    file: 'src/host/outbound-http/wire-watch.ts',
    change: 'this.#response = undefined; → ;',
    reason: 'The end of the request before has done it, or its beginning does.',
  },
  {
    file: 'src/host/key-value/open-stores.ts',
    change: '#last = 0; → #last = 1;',
    reason: 'Numbers of stores are only told apart.',
  },
  {
    file: 'src/host/network/connection-permits.ts',
    change:
      "signal?.addEventListener('abort', abort, { once: true }); → signal?.addEventListener('abort', abort, { once: false });",
    reason: 'A signal is aborted once.',
  },
  {
    file: 'src/host/sqlite/backends/spin/prove-short.ts',
    change: 'if (next && next.start <= end) return undefined; → if (next && next.start < end) return undefined;',
    reason: 'No loop begins with the instruction that ends another.',
  },
];
