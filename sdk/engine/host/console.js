// The console: each line goes to standard output or error, from where it comes into the log.
import { getStderr } from 'wasi:cli/stderr@0.2.10';
import { getStdout } from 'wasi:cli/stdout@0.2.10';
import { named } from './program-name.js';

const MOST_DEPTH = 3;
const MOST_ELEMENTS = 100;
/** What one call of the host takes. */
const MOST_BYTES = 4096;

function show(value, depth = 0, seen = new Set()) {
  if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return value.name ? `[Function: ${value.name}]` : '[Function]';
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Error) return errorText(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (seen.has(value)) return '[Circular]';
  if (depth > MOST_DEPTH) return Array.isArray(value) ? '[Array]' : '[Object]';
  seen.add(value);
  try {
    return showGroup(value, (inner) => show(inner, depth + 1, seen));
  } finally {
    seen.delete(value);
  }
}

function showGroup(value, inner) {
  const few = (all) => {
    const shown = all.slice(0, MOST_ELEMENTS);
    return all.length > shown.length ? [...shown, `… ${all.length - shown.length} more`] : shown;
  };
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[ ${few(value.map(inner)).join(', ')} ]`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name}(${value.length}) [ ${few([...value.subarray(0, MOST_ELEMENTS)]).join(', ')} ]`;
  }
  if (value instanceof Map)
    return `Map(${value.size}) { ${few([...value].map(([k, v]) => `${inner(k)} => ${inner(v)}`)).join(', ')} }`;
  if (value instanceof Set) return `Set(${value.size}) { ${few([...value].map(inner)).join(', ')} }`;
  const keys = Object.keys(value);
  const name = value.constructor?.name;
  const prefix = name && name !== 'Object' ? `${name} ` : '';
  const fields = few(keys.map((key) => `${/^[\w$]+$/.test(key) ? key : JSON.stringify(key)}: ${inner(value[key])}`));
  return fields.length === 0 ? `${prefix}{}` : `${prefix}{ ${fields.join(', ')} }`;
}

export function errorText(error) {
  const head = `${error.name}: ${error.message}`;
  const stack = typeof error.stack === 'string' ? ownLines(error.stack).trimEnd() : '';
  const cause = error.cause === undefined ? '' : `\n[cause]: ${show(error.cause)}`;
  return `${stack.startsWith(head) ? stack : stack === '' ? head : `${head}\n${stack}`}${cause}`;
}

/** The lines of a stack that are the program's, not the engine's. */
function ownLines(stack) {
  return named(stack)
    .split('\n')
    .filter((line) => !line.includes('(componentize-qjs:'))
    .join('\n');
}

function format([first, ...rest]) {
  if (typeof first !== 'string' || !first.includes('%')) return [first, ...rest].map((one) => show(one)).join(' ');
  const text = first.replace(/%[sdifjoOc%]/g, (mark) => {
    if (mark === '%%') return '%';
    if (rest.length === 0) return mark;
    const value = rest.shift();
    if (mark === '%c') return '';
    if (mark === '%d' || mark === '%i') return String(mark === '%i' ? Math.trunc(Number(value)) : Number(value));
    if (mark === '%f') return String(Number(value));
    return mark === '%j' ? JSON.stringify(value) : show(value, mark === '%s' ? 0 : 1);
  });
  return [text, ...rest.map((one) => show(one))].join(' ');
}

let indent = '';

export function writeLine(text, isError) {
  const stream = isError ? getStderr() : getStdout();
  const lines = indent === '' ? text : text.replace(/^/gm, indent);
  const bytes = new TextEncoder().encode(`${lines}\n`);
  try {
    for (let at = 0; at < bytes.length; at += MOST_BYTES)
      stream.blockingWriteAndFlush(bytes.subarray(at, at + MOST_BYTES));
  } catch {
    // The host takes no more lines of this request.
  } finally {
    stream[Symbol.dispose]();
  }
}

const counts = new Map();
const times = new Map();
const out = (...given) => writeLine(format(given), false);
const err = (...given) => writeLine(format(given), true);

export const console = {
  log: out,
  info: out,
  debug: out,
  dir: (value) => out(show(value, 1)),
  dirxml: out,
  table: (value) => out(show(value, 1)),
  error: err,
  warn: err,
  trace: (...given) => err(`Trace: ${format(given)}\n${new Error().stack ?? ''}`),
  assert: (holds, ...given) => {
    if (!holds) err(`Assertion failed${given.length > 0 ? `: ${format(given)}` : ''}`);
  },
  count: (label = 'default') => {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    out(`${label}: ${counts.get(label)}`);
  },
  countReset: (label = 'default') => void counts.delete(label),
  group: (...given) => {
    if (given.length > 0) out(...given);
    indent += '  ';
  },
  groupCollapsed: (...given) => console.group(...given),
  groupEnd: () => {
    indent = indent.slice(2);
  },
  time: (label = 'default') => void times.set(label, performance.now()),
  timeLog: (label = 'default', ...given) =>
    out(`${label}: ${(performance.now() - (times.get(label) ?? 0)).toFixed(3)}ms`, ...given),
  timeEnd: (label = 'default') => {
    console.timeLog(label);
    times.delete(label);
  },
};
