// Writes the small functions of @noble/hashes out where they are called. Compilers do that for other engines; QuickJS is an
// interpreter, in which a call takes longer than what these functions do. Calls whose arguments are more than names and
// numbers stay.
const less = (from, shift) => (/^\d+$/.test(shift) ? String(from - Number(shift)) : `(${from} - ${shift})`);
const more = (shift, from) => (/^\d+$/.test(shift) ? String(Number(shift) - from) : `(${shift} - ${from})`);

const functions = {
  rotr: (word, shift) => `((${word} << ${less(32, shift)}) | (${word} >>> ${shift}))`,
  rotl: (word, shift) => `((${word} << ${shift}) | (${word} >>> ${less(32, shift)}))`,
  Chi: (a, b, c) => `((${a} & ${b}) ^ (~${a} & ${c}))`,
  Maj: (a, b, c) => `((${a} & ${b}) ^ (${a} & ${c}) ^ (${b} & ${c}))`,
  'u64.shrSH': (high, _, shift) => `(${high} >>> ${shift})`,
  'u64.shrSL': (high, low, shift) => `((${high} << ${less(32, shift)}) | (${low} >>> ${shift}))`,
  'u64.rotrSH': (high, low, shift) => `((${high} >>> ${shift}) | (${low} << ${less(32, shift)}))`,
  'u64.rotrSL': (high, low, shift) => `((${high} << ${less(32, shift)}) | (${low} >>> ${shift}))`,
  'u64.rotrBH': (high, low, shift) => `((${high} << ${less(64, shift)}) | (${low} >>> ${more(shift, 32)}))`,
  'u64.rotrBL': (high, low, shift) => `((${high} >>> ${more(shift, 32)}) | (${low} << ${less(64, shift)}))`,
};

const call = /(?<![\w.])((?:u64\.)?\w+)\(([\w, ]+)\)/g;

export const inlinedHashes = {
  name: 'inlined-hashes',
  transform(code, id) {
    if (!/[\\/]@noble[\\/]hashes[\\/](sha2|legacy)\.js$/.test(id)) return undefined;
    return code.replace(call, (text, name, list) => {
      const given = list.split(', ');
      const write = Object.hasOwn(functions, name) ? functions[name] : undefined;
      return write && given.length === write.length ? write(...given) : text;
    });
  },
};
