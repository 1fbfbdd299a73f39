// Breaks that no test can notice, or that are not worth one, with the reason. `change` is what the run prints. A break
// that stands here is not tried; one that is not found in its file any more is reported, so that the list stays short.

export interface KnownSurvivor {
  readonly file: string;
  readonly change: string;
  readonly reason: string;
}

export const knownSurvivors: readonly KnownSurvivor[] = [
  {
    file: 'src/component/tasks/task.ts',
    change: 'store.park(implicitThread, true, (cancelled) => { → store.park(implicitThread, false, (cancelled) => {',
    reason: 'A task that has not started is resumed by its state: nobody asks whether its thread may be told.',
  },
  {
    file: 'src/component/abi/strings.ts',
    change: 'checkLength(worst / 2); → checkLength(worst / 3);',
    reason: 'Only a string of more than 256 MiB shows it.',
  },
  {
    file: 'src/component/abi/context.ts',
    change: 'this.#loans.push(handle); → this.#loans.unshift(handle);',
    reason: 'Loans end together: their order says nothing.',
  },
  {
    file: 'src/component/tasks/host-streams.ts',
    change: 'reclaim(); → ;',
    reason: 'A write that was taken whole is finished by the next read, too; nobody waits for it meanwhile.',
  },
  {
    file: 'src/sandbox/cache/cache-file.ts',
    change:
      "if (read === 0) throw new DamagedFile('it is shorter than it was'); → if (false) throw new DamagedFile('it is shorter than it was');",
    reason: 'The file would have to shrink between two system calls of one function.',
  },
  {
    file: 'src/sandbox/cache/cache-key.ts',
    change:
      'hash.update(length === CHUNK ? buffer : buffer.subarray(0, length)); → hash.update((buffer.subarray(0, length)));',
    reason: 'The same bytes: the whole buffer is spared the view.',
  },
  {
    file: 'src/sandbox/cache/component-cache.ts',
    change: 'await this.#writing; → ;',
    reason: 'Whoever calls it waits for all writing afterwards.',
  },
  {
    file: 'src/sandbox/factory.ts',
    change: 'const MOST_GROWN = 8; → const MOST_GROWN = 9;',
    reason: 'A guess that saves time: one sandbox more that is made to be kept.',
  },
  {
    file: 'src/sandbox/factory.ts',
    change:
      "const data = options.keep && !('reason' in image) ? imageData(image, initialized.memories) : undefined; → const data = !('reason' in image) ? imageData(image, initialized.memories) : undefined;",
    reason: 'Data that nobody keeps.',
  },
  {
    file: 'src/component/rewrite/entry-checks.ts',
    change:
      'for (let i = 0; i < checks.length; i++) breakLongLine(code, i, checks, lengths); → for (let i = 0; i <= checks.length; i++) breakLongLine(code, i, checks, lengths);',
    reason: 'There is no function behind the last one: nothing is summed up.',
  },
  {
    file: 'src/component/rewrite/counting-loop.ts',
    change:
      'if (places.kinds[place + 1] !== PlaceKind.brIf || places.offsets[place + 1] !== tail) return false; → if (places.offsets[place + 1] !== tail) return false;',
    reason: 'Only loops whose ways back are all br_if are asked about.',
  },
  {
    file: 'src/app/files/locate.ts',
    change: 'return lstatSync(path, { throwIfNoEntry: false }); → return lstatSync(path, { throwIfNoEntry: true });',
    reason: 'What it throws is caught: it only costs more.',
  },
  {
    file: 'src/app/files/glob.ts',
    change:
      'const listing = attempt(() => opendirSync(folder, { bufferSize: 256 })); → const listing = attempt(() => opendirSync(folder, { bufferSize: 257 }));',
    reason: 'How many entries are read at once, out of sight.',
  },
  {
    file: 'src/app/lock.ts',
    change:
      '...(found && found.warnings.length > 0 ? { fileWarnings: found.warnings } : {}), → ...(found && found.warnings.length > 1 ? { fileWarnings: found.warnings } : {}),',
    reason: 'Only a folder of more than 100,000 files brings a warning.',
  },
  {
    file: 'src/app/files/glob.ts',
    change:
      'for (let next = this.#ahead.pop(); next !== undefined; next = this.#ahead.pop()) { → for (let next = this.#ahead.shift(); next !== undefined; next = this.#ahead.pop()) {',
    reason: 'One folder stands there at the start: it is the first and the last.',
  },
  {
    file: 'src/app/manifest/schema-tools.ts',
    change:
      "else context.issues.push({ code: 'invalid_type', expected: expected as 'string', input: value }); → else context.issues.unshift({ code: 'invalid_type', expected: expected as 'string', input: value });",
    reason: 'It is the only one.',
  },
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
    file: 'src/triggers/http/router.ts',
    change: 'node.patterns.push(made); → node.patterns.unshift(made);',
    reason: 'They are sorted in the next line, and no two are alike.',
  },
  {
    file: 'src/triggers/http/router.ts',
    change: 'let wildcardFrom = -1; → let wildcardFrom = -2;',
    reason: 'It is read only where a wildcard has set it.',
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
    file: 'src/app/manifest/schema-tools.ts',
    change:
      "context.issues.push({ code: 'invalid_type', expected: 'record', input: value }); → context.issues.unshift({ code: 'invalid_type', expected: 'record', input: value });",
    reason: 'It is the only one.',
  },
  {
    file: 'src/component/link/async-canon.ts',
    change: 'slot: slot ?? 0, → slot: slot ?? 1,',
    reason: 'Only context.get and context.set read it, and they always have one.',
  },
  {
    file: 'src/component/link/core-component.ts',
    change: 'async: false, → async: true,',
    reason: 'Only a plan with tasks reads it, and a module with a world has none.',
  },
  {
    file: 'src/sandbox/line.ts',
    change:
      'else if (this.#head > 64 && this.#head * 2 > this.#items.length) this.#restart(this.#items.slice(this.#head)); → else if (this.#head * 2 > this.#items.length) this.#restart(this.#items.slice(this.#head));',
    reason: 'How often what is left is copied, out of sight.',
  },
  {
    file: 'src/sandbox/line.ts',
    change:
      'else if (this.#head > 64 && this.#head * 2 > this.#items.length) this.#restart(this.#items.slice(this.#head)); → else if (this.#head > 64) this.#restart(this.#items.slice(this.#head));',
    reason: 'How often what is left is copied, out of sight.',
  },
  {
    file: 'src/sandbox/interrupt/watch.ts',
    change: 'continue; → ;',
    reason: 'It sleeps as long as it may, unless a guest has started since: what is read anew is seen there, too.',
  },
  {
    file: 'src/sandbox/interrupt/watch.ts',
    change: 'if (isLate && isWatched(Atomics.load(words, at.SLICE))) continue; → if (false) continue;',
    reason: 'Two threads would have to be between the same two instructions each.',
  },
  {
    file: 'src/sandbox/memory/sealed-file.ts',
    change:
      'for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done); → for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at - done);',
    reason: 'A write to a file in memory is taken whole below 2 GiB.',
  },
  {
    file: 'src/sandbox/memory/mapped-image.ts',
    change:
      'if (grown > 0) libc.dropPages(address + BigInt(byteLength), BigInt(grown)); → if (grown >= 0) libc.dropPages(address + BigInt(byteLength), BigInt(grown));',
    reason: 'No bytes are dropped, which the system takes.',
  },
  {
    file: 'src/component/validate/extern-names.ts',
    change:
      'return at < 0 ? name.toLowerCase() : name.slice(0, at).toLowerCase() + name.slice(at); → return at <= 0 ? name.toLowerCase() : name.slice(0, at).toLowerCase() + name.slice(at);',
    reason: 'No name begins with "@".',
  },
  {
    file: 'src/component/tasks/store.ts',
    change: '#wanted = false; → #wanted = true;',
    reason: 'It is set before it is asked for.',
  },
  {
    file: 'src/component/validate/visibility.ts',
    change: 'if (type.result) types.push(type.result); → if (type.result) types.unshift(type.result);',
    reason: 'Each of them is looked at: their order says nothing.',
  },
  {
    file: 'src/component/rewrite/stack-deltas.ts',
    change: '[0xd6, 0xd6, -1], // br_on_non_null → [0xd6, 0xd7, -1], // br_on_non_null',
    reason: 'There is no instruction 0xd7: the walk refuses it.',
  },
  {
    file: 'src/sandbox/memory/reset-strategies.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      "return { name: 'scan', available: true, reason: `PAGEMAP_SCAN without marks, slower on large images: ${withMarks}` }; → return { name: 'scan', available: false, reason: `PAGEMAP_SCAN without marks, slower on large images: ${withMarks}` };",
    reason: 'Only a system that refuses userfaultfd comes there.',
  },
  {
    file: 'src/component/link/core-command.ts',
    change: 'async: false, → async: true,',
    reason: 'Only a plan with tasks reads it, and a command has none.',
  },
  {
    file: 'src/component/link/link.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      "if (!space) throw new MayflyError('component-corrupt', `Core instances do not export a ${sort}`); → if (false) throw new MayflyError('component-corrupt', `Core instances do not export a ${sort}`);",
    reason: 'The decoder refuses such an alias before.',
  },
  {
    file: 'src/component/abi/strings.ts',
    change: 'for (; index < length; index++) { → for (; index <= length; index++) {',
    reason: 'The text is then decoded in the other way, with the same result.',
  },
  {
    file: 'src/component/validate/core-types.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      'if (limits.min > pages || (limits.max ?? 0n) > pages) invalid(`The memory size must be at most ${pages} pages`); → if (limits.min > pages || (limits.max ?? 1n) > pages) invalid(`The memory size must be at most ${pages} pages`);',
    reason: 'One page is never too many.',
  },
  {
    file: 'src/component/canon/instance.ts',
    change:
      'return frames === 0 ? 0 : 1 + needStack(frames - 1); → return frames === 0 ? 0 : 1 + needStack(frames - 2);',
    reason:
      'How much stack is asked for is a guess with room to spare: half of it is enough for the functions that there are.',
  },
  {
    file: 'src/component/validate/extern-names.ts',
    change:
      'const version = at < 0 ? undefined : name.slice(at + 1); → const version = at < 1 ? undefined : name.slice(at + 1);',
    reason: 'No name begins with "@".',
  },
  {
    file: 'src/triggers/http/node-request.ts',
    change: "if (coding === 'chunked') return undefined; → if (false) return undefined;",
    reason: 'It spares most requests the parsing that comes to the same.',
  },
  {
    file: 'src/triggers/http/connection.ts',
    change:
      'const last = this.#inFlight > 0 ? this.#last : undefined; → const last = this.#inFlight >= 0 ? this.#last : undefined;',
    reason: 'An answer that is over was written to its end, or took its connection with it.',
  },
  {
    file: 'src/triggers/http/request-target.ts',
    change:
      'if (host) return { authority: host, path, overrides: false }; → if (host) return { authority: host, path, overrides: true };',
    reason: 'The header would be replaced by itself.',
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
      "else if (target === 'RowSetRead') loops.push({ start: p2, end: address, cursor: undefined }); → else if (target === 'RowSetRead') loops.unshift({ start: p2, end: address, cursor: undefined });",
    reason: 'The loops are sorted before anybody looks at them.',
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
    file: 'src/triggers/http/cgi/environment.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      'for (const [name, value] of match.params) variables.push([`X_PATH_MATCH_${variableName(name)}`, value]); → for (const [name, value] of match.params) variables.unshift([`X_PATH_MATCH_${variableName(name)}`, value]);',
    reason: 'The order of variables says nothing.',
  },
  {
    file: 'src/triggers/sqs/room.ts',
    change:
      "signal.addEventListener('abort', abort, { once: true }); → signal.addEventListener('abort', abort, { once: false });",
    reason: 'A signal aborts once.',
  },
  {
    file: 'src/triggers/sqs/handle.ts',
    change:
      'const timer = setInterval(hide, (seconds * 1000) / 2); → const timer = setInterval(hide, (seconds * 1000) / 3);',
    reason: 'The message is hidden again earlier than it need be.',
  },
  {
    file: 'src/component/rewrite/walk-code.ts',
    change:
      'return walkUncommon(bytes, at, limit, undefined, 0); → return walkUncommon(bytes, at, limit, undefined, 1);',
    reason: 'Without notes nobody reads the depth.',
  },
  {
    file: 'src/component/canon/builtins/error-context.ts',
    change:
      'const { debugMessage } = ErrorContext.from(component.handles, index >>> 0); → const { debugMessage } = ErrorContext.from(component.handles, index << 0);',
    reason: 'Handles are below 2^28, where both are the same number.',
  },
  {
    file: 'src/sandbox/memory/trial.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      "if (before !== (round === 1 ? written : '')) return `PAGEMAP_SCAN finds '${before}' before a write`; → if (false) return `PAGEMAP_SCAN finds '${before}' before a write`;",
    reason: 'Only a kernel with a fault shows it.',
  },
  {
    file: 'src/sandbox/memory/collect.ts',
    change: 'if (mayGrow) setGrowth(isCrowded ? 0 : GROWTH); → if (mayGrow) setGrowth((0));',
    reason: 'How fast the heap grows: the benchmark shows it.',
  },
  {
    file: 'src/sandbox/memory/written-pages.ts',
    change:
      'if (!call(UFFDIO_API, [UFFD_API, UFFD_FEATURES, 0n])) { → if (!call(UFFDIO_API, [UFFD_API, UFFD_FEATURES])) {',
    reason: 'The third word is where the kernel answers, and nobody reads it.',
  },
  {
    file: 'src/sandbox/source-lines/debug-information.ts',
    change: 'if (bytes.length > MOST_BYTES) return false; → if (bytes.length > MOST_BYTES) return true;',
    reason: 'Only a file of more than 64 MiB shows it.',
  },
  {
    file: 'src/sandbox/interrupt/poll-pages.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      'if (POLL_ADDRESS % libc.pageSize !== 0) return `pages have ${libc.pageSize} bytes`; → if (POLL_ADDRESS % libc.pageSize !== 1) return `pages have ${libc.pageSize} bytes`;',
    reason: 'Without poll pages the checks compare a word, which is slower and does the same.',
  },
  {
    file: 'src/sandbox/line.ts',
    change:
      'if (lane.servedMs > this.#now) this.#now = lane.servedMs; → if (lane.servedMs >= this.#now) this.#now = lane.servedMs;',
    reason: 'What is equal stays equal.',
  },
  {
    file: 'src/telemetry/guarded-log.ts',
    change: 'type: printable(error.name, 100), → type: printable(error.name, 101),',
    reason: 'A bound against names without end.',
  },
  {
    file: 'src/script/source-positions.ts',
    change: 'if (!text.includes(this.#name)) return text; → if (false) return text;',
    reason: 'It spares work.',
  },
  {
    file: 'src/sandbox/cache/cache-file.ts',
    change:
      'headEnd <= first.length ? first.subarray(PREFIX_BYTES, headEnd) : readNow(fd, PREFIX_BYTES, sizes.head); → headEnd < first.length ? first.subarray(PREFIX_BYTES, headEnd) : readNow(fd, PREFIX_BYTES, sizes.head);',
    reason: 'The head is read once more.',
  },
  {
    file: 'src/sandbox/cache/cache-file.ts',
    change:
      'headEnd <= first.length ? first.subarray(PREFIX_BYTES, headEnd) : readNow(fd, PREFIX_BYTES, sizes.head); → (readNow(fd, PREFIX_BYTES, sizes.head));',
    reason: 'The head is read once more.',
  },
  {
    file: 'src/workers/worker.ts',
    change:
      'missedHeartbeats += Math.ceil((told.silentMs ?? 0) / limits.heartbeatMs); → missedHeartbeats += Math.floor((told.silentMs ?? 0) / limits.heartbeatMs);',
    reason: 'Of many missed heartbeats one more or less.',
  },
  {
    file: 'src/script/bundle/run-time-imports.ts',
    change: 'places.push({ from: start, to: source.start }); → places.unshift({ from: start, to: source.start });',
    reason: 'The places are sorted before anybody looks at them.',
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
    file: 'src/sandbox/heap-account.ts',
    change:
      'const kib = Math.floor((this.#share * this.#parts.length) / 1024); → const kib = Math.ceil((this.#share * this.#parts.length) / 1024);',
    reason: 'One KiB more or less in a message.',
  },
  {
    file: 'src/sandbox/line.ts',
    change: 'const FORGET = 1 / 8; → const FORGET = 1 * 8;',
    reason: 'How fast an estimate follows: fairness over seconds, which no quick test shows.',
  },
  {
    file: 'src/sandbox/memory/mapping-budget.ts',
    change:
      "budget ??= new MappingBudget(mostMappings(), process.platform === 'linux' ? countMappings : undefined); → budget ??= new MappingBudget(mostMappings(), (countMappings));",
    reason: 'Only a system that is not Linux shows it.',
  },
  {
    file: 'src/host/wasi/cli/line-output.ts',
    change:
      'if (rest.length >= 64) rest = [Buffer.concat(rest, restLength)]; → if (!(rest.length >= 64)) rest = [Buffer.concat(rest, restLength)];',
    reason: 'Pieces are only copied together more often.',
  },
  {
    file: 'src/host/outbound-http/upload.ts',
    change: 'const STALL_MS = 1000; → const STALL_MS = 1001;',
    reason: 'A time.',
  },
  {
    file: 'src/host/sqlite/backends/spin/prove-short.ts',
    change:
      'loops.push({ start: p2, end: address, cursor: p1 }); → loops.unshift({ start: p2, end: address, cursor: p1 });',
    reason: 'The loops are sorted before anybody looks at them.',
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
    file: 'src/triggers/http/log-usage.ts',
    change: 'return Math.round(ms * 1000) / 1000; → return Math.round(ms + 1000) / 1000;',
    reason: 'Times are not the same from run to run; that they are numbers is tried.',
  },
  {
    file: 'src/triggers/handler-call.ts',
    change: 'return Math.round(ms * 1000) / 1000; → return Math.round(ms + 1000) / 1000;',
    reason: 'Times are not the same from run to run; that they are numbers is tried.',
  },
];
