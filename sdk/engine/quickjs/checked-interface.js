// Calls of the host's interfaces with values as StarlingMonkey has them. componentize-qjs traps when it gets a value of
// another type, has `null` for none, and rounds integers of 64 bits: here the first is a TypeError that says what was
// expected, none is undefined, such integers are bigints, and one that was rounded is an error.

/** The interface with checks. `functions` has the types: `{ kind, owner, name, params, result }` of each. */
export function checkedInterface(found, functions) {
  const plain = {};
  for (const { kind, owner, name, params, result } of functions) {
    if (kind === undefined) plain[name] = checkedFunction(found[name], name, params, result);
    if (kind === 'static') found[owner][name] = checkedFunction(found[owner][name], name, params, result);
    if (kind === 'method') checkMethod(found[owner], name, params, result);
  }
  return { ...found, ...plain };
}

function checkedFunction(call, name, params, result) {
  return (...given) => fromHost(result, call(...toHostAll(params, given, name)));
}

function checkMethod(owner, name, params, result) {
  const call = owner.prototype[name];
  owner.prototype[name] = function (...given) {
    if (!(this instanceof owner)) throw new TypeError(`${name} is a method: call it on what it belongs to`);
    return fromHost(result, call.apply(this, toHostAll(params, given, name)));
  };
}

function toHostAll(params, given, name) {
  return params.map((type, index) => toHost(type, given[index], `argument ${index + 1} of ${name}`));
}

/** Least and largest value, and whether QuickJS wants it as a signed number. */
const integers = {
  u8: [0, 255],
  s8: [-128, 127],
  u16: [0, 65_535],
  s16: [-32_768, 32_767],
  u32: [0, 4_294_967_295],
  s32: [-2_147_483_648, 2_147_483_647],
};
const large = { u64: [0n, 2n ** 64n - 1n], s64: [-(2n ** 63n), 2n ** 63n - 1n] };

function toHost(type, value, where) {
  const { name, args, fields } = type;
  if (integers[name]) return toInteger(name, value, where);
  if (large[name]) return toLargeInteger(name, value, where);
  switch (name) {
    case 'bool':
      return typeof value === 'boolean' ? value : wrong(where, 'a boolean', value);
    case 'f32':
    case 'f64':
      return typeof value === 'number' ? value : wrong(where, 'a number', value);
    case 'string':
    case 'char':
      return typeof value === 'string' ? value : wrong(where, 'a string', value);
    case 'list':
      return toList(args[0], value, where);
    case 'option':
      return value === null || value === undefined ? null : toHost(args[0], value, where);
    case 'tuple':
      if (!Array.isArray(value) || value.length !== args.length) wrong(where, `an array of ${args.length}`, value);
      return args.map((one, index) => toHost(one, value[index], `element ${index} of ${where}`));
    case 'record':
      if (typeof value !== 'object' || value === null) wrong(where, 'an object', value);
      return Object.fromEntries(
        fields.map((one) => [one.name, toHost(one.type, value[one.name], `${one.name} of ${where}`)]),
      );
    case 'enum':
      return fields.some((one) => one.name === value) ? value : wrong(where, namesOf(fields), value);
    case 'variant':
      return toVariant(fields, value, where);
    case 'own':
    case 'borrow':
      return typeof value === 'object' && value !== null ? value : wrong(where, `a ${args[0].name}`, value);
    default:
      return value;
  }
}

function toInteger(name, value, where) {
  const [least, most] = integers[name];
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (!Number.isInteger(number) || number < least || number > most)
    wrong(where, `a whole number from ${least} to ${most}`, value);
  return number > 0x7fff_ffff ? number | 0 : number;
}

function toLargeInteger(name, value, where) {
  const [least, most] = large[name];
  if (typeof value !== 'bigint' && !Number.isInteger(value)) wrong(where, 'a bigint', value);
  const exact = BigInt(value);
  if (exact < least || exact > most) wrong(where, `an integer from ${least} to ${most}`, value);
  if (!Number.isSafeInteger(Number(exact))) throw notExact(exact, where);
  return Number(exact);
}

function notExact(value, where) {
  return new RangeError(
    `${where} is ${value}, and QuickJS hands over integers up to 2^53 only: use 'engine = "starlingmonkey"', or a text`,
  );
}

function toList(type, value, where) {
  if (type.name === 'u8') {
    if (value instanceof Uint8Array) return value;
    if (value instanceof ArrayBuffer) return new Uint8Array(value);
    if (Array.isArray(value)) return Uint8Array.from(value);
    return wrong(where, 'a Uint8Array', value);
  }
  if (typeof value !== 'object' || value === null || value[Symbol.iterator] === undefined)
    wrong(where, 'an array', value);
  return Array.from(value, (one, index) => toHost(type, one, `element ${index} of ${where}`));
}

function toVariant(fields, value, where) {
  const found = fields.find((one) => one.name === value?.tag);
  if (!found) wrong(where, `{ tag, val } with a tag of ${namesOf(fields)}`, value);
  return found.type
    ? { tag: found.name, val: toHost(found.type, value.val, `the value of ${where}`) }
    : { tag: found.name };
}

const namesOf = (fields) => fields.map(({ name }) => `'${name}'`).join(', ');

function wrong(where, expected, value) {
  const kind = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
  const shown = ['number', 'boolean', 'bigint'].includes(kind) ? `${kind} ${value}` : kind;
  throw new TypeError(`${where} must be ${expected}, not ${shown}`);
}

function fromHost(type, value) {
  if (type === undefined) return undefined;
  const { name, args, fields } = type;
  if (name === 's64' || name === 'u64') {
    if (!Number.isSafeInteger(value)) throw notExact(value, 'An integer that the host returned');
    return BigInt(value);
  }
  switch (name) {
    case 'option':
      return value === null || value === undefined ? undefined : fromHost(args[0], value);
    case 'list':
      return needsWork(args[0]) ? value.map((one) => fromHost(args[0], one)) : value;
    case 'tuple':
      return args.map((one, index) => fromHost(one, value[index]));
    case 'record':
      return Object.fromEntries(fields.map((one) => [one.name, fromHost(one.type, value[one.name])]));
    case 'variant': {
      const found = fields.find((one) => one.name === value.tag);
      return found?.type && needsWork(found.type) ? { tag: value.tag, val: fromHost(found.type, value.val) } : value;
    }
    default:
      return value;
  }
}

/** Whether values of the type may have to be changed: most are as they come. */
function needsWork({ name, args = [], fields = [] }) {
  if (['s64', 'u64', 'option'].includes(name)) return true;
  return args.some(needsWork) || fields.some((one) => one.type !== undefined && needsWork(one.type));
}
