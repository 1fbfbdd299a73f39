// Every production of the grammar of Rust's names, by hand. https://doc.rust-lang.org/rustc/symbol-mangling/v0.html
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rustName } from './rust-names.ts';

/** The type in `<type>::f`. */
const ofType = (type: string): string => {
  const name = rustName(`_RNvMC1a${type}1f`);
  return /^<(.*)>::f$/.exec(name)?.[1] ?? name;
};

test('paths: crates, values, types, closures, shims', () => {
  const paths: Readonly<Record<string, string>> = {
    _RC1a: 'a',
    _RCs_1a: 'a',
    _RCs1x_1a: 'a',
    _RNvC1a1f: 'a::f',
    _RNtNvC1a1f1T: 'a::f::T',
    _RNCNvC1a1f0: 'a::f::{closure}',
    _RNCNvC1a1fs_0: 'a::f::{closure}',
    _RNSNvC1a1f0: 'a::f::{shim}',
    _RNvC1a0: 'a',
    _RNvC1a2_42: 'a::42',
    _RNvC1a2__x: 'a::_x',
    _RNvXC1aNtB2_1TNtB2_1U1f: '<a::T as a::U>::f',
    _RNvXs_C1aNtB4_1TNtB4_1U1f: '<a::T as a::U>::f',
    _RNvYNtC1a1TNtB4_1U1f: '<a::T as a::U>::f',
    _RINvC1a1flE: 'a::f',
    _RINvC1a1flmhE: 'a::f',
    _RINvC1a1fL_E: 'a::f',
    _RINvC1a1fKpE: 'a::f',
    _RINvC1a1fKj2a_E: 'a::f',
    _RINvC1a1fKB3_lE: 'a::f',
    _RNvINtC1a1TlE1f: 'a::T::f',
  };
  for (const [mangled, readable] of Object.entries(paths)) assert.equal(rustName(mangled), readable, mangled);
});

test('types: each basic one has its letter', () => {
  const letters: Readonly<Record<string, string>> = {
    a: 'i8',
    b: 'bool',
    c: 'char',
    d: 'f64',
    e: 'str',
    f: 'f32',
    h: 'u8',
    i: 'isize',
    j: 'usize',
    l: 'i32',
    m: 'u32',
    n: 'i128',
    o: 'u128',
    p: '_',
    s: 'i16',
    t: 'u16',
    u: '()',
    v: '...',
    x: 'i64',
    y: 'u64',
    z: '!',
  };
  for (const [letter, type] of Object.entries(letters)) assert.equal(ofType(letter), type, letter);
});

test('types: references, pointers, slices, arrays, tuples, functions, trait objects', () => {
  const types: Readonly<Record<string, string>> = {
    Rl: '&i32',
    RL_l: '&i32',
    RL0_l: '&i32',
    Ql: '&mut i32',
    Pl: '*const i32',
    Ol: '*mut i32',
    Sl: '[i32]',
    Alj3_: '[i32; _]',
    Alp: '[i32; _]',
    TE: '()',
    TlmE: '(i32, u32)',
    TRlSmE: '(&i32, [u32])',
    FEu: 'fn',
    FllEm: 'fn',
    FUEu: 'fn',
    FKCEu: 'fn',
    FK4fastEu: 'fn',
    FG_RL0_lEu: 'fn',
    DNtC1b1TEL_: 'dyn b::T',
    DNtC1b1TNtC1c1UEL_: 'dyn b::T + c::U',
    DNtC1b1Tp1XlEL_: 'dyn b::T',
    DG_NtC1b1TEL_: 'dyn b::T',
    NtC1b1T: 'b::T',
    INtC1b1TlE: 'b::T',
    RNtB2_1T: '&a::T',
  };
  for (const [mangled, readable] of Object.entries(types)) assert.equal(ofType(mangled), readable, mangled);
});

test('references to what stood before: by their place, of base 62', () => {
  assert.equal(rustName('_RNvNtC1a1bNtB3_1c'), '_RNvNtC1a1bNtB3_1c');
  assert.equal(rustName('_RNvXC1aNtB2_1TNtB2_1U1f'), '<a::T as a::U>::f');
  const far = 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop';
  // The crate of the second type stands behind more than 62 letters.
  assert.equal(rustName(`_RNvXNtC1x${far.length}${far}NtC1a1TNtB1h_1U1f`), '<a::T as a::U>::f');
  for (const wrong of ['_RNvXC1aNtB9_1TNtB2_1U1f', '_RB_', '_RNvB_1f', '_RNvMC1aB5_1f', '_RNvMC1aB_1f']) {
    assert.equal(rustName(wrong), wrong);
  }
});

test('what breaks off, or is of no production, stays as it is', () => {
  const wrong = [
    '_RN',
    '_RNv',
    '_RNvC1a',
    '_RNvC1a9f',
    '_RNvC1au1f',
    '_RINvC1a1fl',
    '_RNvMC1aW1f',
    '_RNvMC1aTl1f',
    '_RNvMC1aRL1f',
    '_RNvMC1aFE',
    '_RZ',
    '_RCs1x1a',
  ];
  for (const name of wrong) assert.equal(rustName(name), name);
});

test('names may nest 64 levels, and not much more', () => {
  const nested = (levels: number): string => `_R${'Nt'.repeat(levels)}C1a${'1b'.repeat(levels)}`;
  assert.equal(rustName(nested(63)), ['a', ...Array(63).fill('b')].join('::'));
  assert.equal(rustName(nested(64)), nested(64));
});

test('legacy names: hashes, escapes and the dots of paths', () => {
  const names: Readonly<Record<string, string>> = {
    _ZN1a1bE: 'a::b',
    _ZN1a17h0123456789abcdefE: 'a',
    _ZN1a17h0123456789abcdegE: 'a::h0123456789abcdeg',
    _ZN8$LT$T$GT$E: '_ZN8$LT$T$GT$E',
    _ZN9$LT$T$GT$E: '<T>',
    _ZN10_$LT$T$GT$E: '<T>',
    _ZN15$RF$a$BP$b$SP$cE: '&a*b@c',
    _ZN11a$LP$b$RP$cE: 'a(b)c',
    _ZN5a$C$bE: 'a,b',
    '_ZN6a..b.cE': 'a::b.c',
    _ZN9a$u20$b$XE: 'a b$X',
    _ZN7a$u7f$bE: 'a\u007fb',
    _ZN7a$u1f$bE: 'a$u1f$b',
    _ZN9a$ud800$bE: 'a$ud800$b',
    _ZN6$XXX$aE: '$XXX$a',
  };
  for (const [mangled, readable] of Object.entries(names)) assert.equal(rustName(mangled), readable, mangled);
});
