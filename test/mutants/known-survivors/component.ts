// Breaks in the component runtime that need no test.
import type { KnownSurvivor } from './known-survivor.ts';

export const component: readonly KnownSurvivor[] = [
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
    file: 'src/component/rewrite/constant-objects.ts',
    change:
      'return ((byte & 0x40) !== 0 && filled < 32 ? value | (-1 << filled) : value) >>> 0; → return ((byte & 0x40) !== 0 && filled < 33 ? value | (-1 << filled) : value) >>> 0;',
    reason: 'Filled are 7, 14, 21, 28 or 35 bits.',
  },
  {
    file: 'src/component/rewrite/stack-deltas.ts',
    change: '[0x23, 0x23, 1], // global.get → [0x23, 0x24, 1], // global.get',
    reason: 'The next row says what 0x24 does.',
  },
  {
    file: 'src/component/validate/budget.ts',
    change:
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of the code
      'if (budget.copiesLeft < 0) invalid(`Types expand to more than ${MAX_COPIES} parts`); → if (budget.copiesLeft <= 0) invalid(`Types expand to more than ${MAX_COPIES} parts`);',
    reason: 'A bound on work: one part of 200,000 less.',
  },
  {
    file: 'src/component/validate/values.ts',
    change:
      "new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(reader.since(start)); → new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(reader.since(start));",
    reason: 'It is asked whether the text is valid; what it is goes nowhere.',
  },
  {
    file: 'src/component/rewrite/rewrite-core-module.ts',
    change:
      'bytes.length + (check?.length ?? 0) * (places.kinds.length + entries.length) + SLACK, → bytes.length - (check?.length ?? 0) * (places.kinds.length + entries.length) + SLACK,',
    reason: 'It is the room of the first buffer, which grows where that is too little.',
  },
  {
    file: 'src/component/rewrite/code-notes.ts',
    change: 'private calledInLoop = false; → private calledInLoop = true;',
    reason: 'It is set anew when a loop begins, and nobody asks outside of one.',
  },
  {
    file: 'src/component/rewrite/rewrite-core-module.ts',
    change:
      'while (section.id !== SectionId.custom && additions[0] !== undefined && rank(additions[0].id) < rank(section.id)) { → while (additions[0] !== undefined && rank(additions[0].id) < rank(section.id)) {',
    reason: 'Custom sections rank below all others, so that the second half says no for them as well.',
  },
  {
    file: 'src/component/rewrite/walk-code.ts',
    change: 'const steps = notes?.memories === 0 ? memorylessSteps : allSteps; → const steps = (memorylessSteps);',
    reason: 'The other table only makes loads and stores faster to read.',
  },
  {
    file: 'src/component/link/link.ts',
    change:
      'const scope = new Scope(undefined, this.instances.push({ parent: undefined }) - 1); → const scope = new Scope(undefined, this.instances.unshift({ parent: undefined }) - 1);',
    reason: 'A core module is taken in first or alone: there is no other instance whose place could be another.',
  },
  {
    file: 'src/component/validate/extern-names.ts',
    change: "const [resource, member] = rest.split('.', 2); → const [resource, member] = rest.split('.', 3);",
    reason: 'A third part is not looked at.',
  },
  {
    file: 'src/component/rewrite/stack-deltas.ts',
    change:
      'export const atomicDeltas: Int8Array = table(0x50, [ → export const atomicDeltas: Int8Array = table(0x51, [',
    reason: 'No instruction has the place behind the last one.',
  },
  {
    file: 'src/component/rewrite/rewrite-code.ts',
    change:
      'const loop = kind === PlaceKind.loop ? unrollable(bytes, code.places, place) : undefined; → const loop = (unrollable(bytes, code.places, place));',
    reason: 'Nothing but a loop is found to be one that is unrolled: it is only not looked for.',
  },
  {
    file: 'src/component/rewrite/compile-effort.ts',
    change:
      'if (copies <= MOST_COPIES && moves <= MOST_MOVES && this.moves <= MOST_MOVES_OF_MODULE) return; → if (copies <= MOST_COPIES && moves <= MOST_MOVES && this.moves < MOST_MOVES_OF_MODULE) return;',
    reason: 'A bound on work: one move of 20,000,000 less.',
  },
  {
    file: 'src/component/rewrite/stack-deltas.ts',
    change: '[17, 17, -5], // array.copy → [17, 18, -5], // array.copy',
    reason: 'The next row says what 18 does.',
  },
  {
    file: 'src/component/canon/lower.ts',
    change: 'const held = host.suspends ? shared.lifted : 0; → const held = (shared.lifted);',
    reason:
      'What a function that does not wait was given is counted for the time of its call only, in which nobody looks.',
  },
];
