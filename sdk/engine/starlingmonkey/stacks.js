// Stacks as people know them: SpiderMonkey's `name@file:line:column` become V8's `    at name (file:line:column)`, with the
// program's text under its own name and without the engine's own frames.

/** The name of the engine's own text, which componentize-js is told. */
const ENGINE = 'engine.js';
/** What stands for `eval` in it is the program. */
const EVALUATED = /^engine\.js line \d+ > eval$/;

let program = 'program.js';

/** Says how the text that is evaluated is called. */
export function nameProgram(name) {
  program = name;
}

function frame(line) {
  const [, name, file, place] = /^(.*)@(.*?):(\d+:\d+)$/.exec(line) ?? [];
  if (file === undefined || file === ENGINE) return [];
  const called = name.replace(/^async\*/, 'async ').replaceAll('/<', '');
  const where = `${EVALUATED.test(file) ? program : file}:${place}`;
  return [called === '' ? `    at ${where}` : `    at ${called} (${where})`];
}

const { get, set } = Object.getOwnPropertyDescriptor(Error.prototype, 'stack');

Object.defineProperty(Error.prototype, 'stack', {
  configurable: true,
  get() {
    const stack = get.call(this);
    if (typeof stack !== 'string') return stack;
    return [`${this.name}: ${this.message}`, ...stack.split('\n').flatMap(frame)].join('\n');
  },
  set,
});

/** The place of a syntax error, which is no frame of its stack, and of an error without any. */
export function placeOf(error) {
  return EVALUATED.test(error.fileName) ? `    at ${program}:${error.lineNumber}:${error.columnNumber}` : '';
}
