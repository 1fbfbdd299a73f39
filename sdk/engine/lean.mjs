// What makes an engine component smaller: it holds everything that its program had in memory when it was built.
/**
 * The tables of AES in @noble/ciphers: 1.3 MB, of which 4 KB suffice. Its functions say what they are equivalent to; that
 * is put in their place. Another version of the package, which has other text, is left as it is.
 */
const parts = [
  [
    /const T01 = new Uint32Array\(256 \* 256\);[\s\S]*?return \{ sbox, sbox2, /,
    'const T01 = [T0, T1]; const T23 = [T2, T3];\nreturn { sbox, sbox2: sbox, ',
  ],
  [
    /return \(T01\[\(\(s0 << 8\)[\s\S]*?\);\n\}/,
    'return T01[0][s0 & 0xff] ^ T01[1][(s1 >>> 8) & 0xff] ^ T23[0][(s2 >>> 16) & 0xff] ^ T23[1][s3 >>> 24];\n}',
  ],
  [
    /return \(sbox2\[\(s0 & 0xff\)[\s\S]*?\);\n\}/,
    'return sbox2[s0 & 0xff] | (sbox2[(s1 >>> 8) & 0xff] << 8) | (sbox2[(s2 >>> 16) & 0xff] << 16) | (sbox2[s3 >>> 24] << 24);\n}',
  ],
];

export const smallTables = {
  name: 'small-tables',
  transform(code, id) {
    if (!/[\\/]@noble[\\/]ciphers[\\/]aes\.js$/.test(id) || !parts.every(([pattern]) => pattern.test(code)))
      return undefined;
    return parts.reduce((text, [pattern, replacement]) => text.replace(pattern, () => replacement), code);
  },
};

/** Options of the bundler: the engine keeps the text of each function, which may be short. Names that programs see stay. */
export const short = {
  compress: { keepNames: { function: true, class: true } },
  mangle: { toplevel: true, keepNames: true },
  codegen: { removeWhitespace: true },
};
