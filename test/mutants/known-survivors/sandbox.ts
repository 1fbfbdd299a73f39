// Breaks in sandboxes that need no test.
import type { KnownSurvivor } from './known-survivor.ts';

export const sandbox: readonly KnownSurvivor[] = [
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
    file: 'src/sandbox/memory/reset-strategies.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      "return { name: 'scan', available: true, reason: `PAGEMAP_SCAN without marks, slower on large images: ${withMarks}` }; → return { name: 'scan', available: false, reason: `PAGEMAP_SCAN without marks, slower on large images: ${withMarks}` };",
    reason: 'Only a system that refuses userfaultfd comes there.',
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
    file: 'src/sandbox/source-lines/dwarf-lines.ts',
    change:
      'const file = row.line > 0 && row.address < to && all.length < MOST_LINES ? nameOf(row.file) : undefined; → const file = row.line > 0 && row.address < to && all.length <= MOST_LINES ? nameOf(row.file) : undefined;',
    reason: 'A bound on memory: one line more of two million.',
  },
  {
    file: 'src/sandbox/memory/trial.ts',
    change: 'const BYTE = 0x5a; → const BYTE = 0x5b;',
    reason: 'Any byte but zero serves.',
  },
  {
    file: 'src/sandbox/memory/written-pages.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
      'if (fd < 0) return `userfaultfd is refused (${libc.errno()})`; → if (fd <= 0) return `userfaultfd is refused (${libc.errno()})`;',
    reason: '0 is the standard input, which Node keeps open.',
  },
  {
    file: 'src/sandbox/cache/cache-file.ts',
    change:
      'const { bytesRead } = await read(fd, body, done, length - done, at + done); → const { bytesRead } = await read(fd, body, done, length - done, at - done);',
    reason: 'The system gives the bytes of a file at once, up to 2 GiB.',
  },
  {
    file: 'src/sandbox/factory.ts',
    change:
      'const verify = options.verify ? { tables: tablesOf(artifact, instance).map(contentsOf) } : undefined; → const verify = ({ tables: tablesOf(artifact, instance).map(contentsOf) });',
    reason: 'Data that nobody reads.',
  },
  {
    file: 'src/sandbox/interrupt/watch.ts',
    change:
      'if (left <= 0 || slice === stopped) left = maximumMs * ticksPerMs; → if (left <= 1 || slice === stopped) left = maximumMs * ticksPerMs;',
    reason: 'A tick of the clock.',
  },
  {
    file: 'src/sandbox/source-lines/dwarf-lines.ts',
    change: 'const MOST_STEPS = 20_000_000; → const MOST_STEPS = 20000001;',
    reason: 'A bound against endless programs, of which nobody needs to know the last step.',
  },
];
