// Mangled names of Rust become readable, and hostile ones cost little and throw nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rustName } from './rust-names.ts';

/** As rustc 1.97 and older ones left them in the name sections of components that were served. */
const known: Readonly<Record<string, string>> = {
  _RNvNtNtNtCs8NZnfvJOJlS_3std3sys3pal4wasi14abort_internal: 'std::sys::pal::wasi::abort_internal',
  _RNvCsjJ6pmSBbkgH_7___rustc10rust_panic: '__rustc::rust_panic',
  _RNCNvNtCs6zodBaBdIaD_3std9panicking13panic_handler0B5_: 'std::panicking::panic_handler::{closure}',
  _RINvNtNtCs8NZnfvJOJlS_3std3sys9backtrace26___rust_end_short_backtraceNCNvNtB6_9panicking13panic_handler0zEB6_:
    'std::sys::backtrace::__rust_end_short_backtrace',
  _RNvMNtCsCXbYMZ1ufo_8spin_sdk9key_valueNtNtNtNtNtB4_3wit7fermyon9spin2_0_09key_value5Store12open_default:
    '<spin_sdk::wit::fermyon::spin2_0_0::key_value::Store>::open_default',
  _RNvMNtNtCsguKeSI3UQ4Z_4wstd4http6serverNtB2_9Responder4fail: '<wstd::http::server::Responder>::fail',
  _RNvXs0_NtNtCs50KHGe8RPqB_6wasip25proxy3__rtINtB5_8ResourceNtNtNtNtB7_4wasi4http5types12OutgoingBodyENtNtNtCshC8mCvIWRpa_4core3ops4drop4Drop4dropB9_:
    '<wasip2::proxy::_rt::Resource as core::ops::drop::Drop>::drop',
  _RINvNtNtCs8NZnfvJOJlS_3std3sys9backtrace28___rust_begin_short_backtraceFEuuECs5b0E9A4f82q_6wasip1:
    'std::sys::backtrace::__rust_begin_short_backtrace',
  _RNvMC1aDNtB2_5TraitNtB2_5OtherEL_3run: '<dyn a::Trait + a::Other>::run',
  _ZN22wasi_snapshot_preview18bindings4wasi3cli4exit4exit17hd8465b464f46eeb8E:
    'wasi_snapshot_preview1::bindings::wasi::cli::exit::exit',
  '_ZN63_$LT$alloc..vec..Vec$LT$T$GT$$u20$as$u20$core..clone..Clone$GT$5clone17h0123456789abcdefE':
    '<alloc::vec::Vec<T> as core::clone::Clone>::clone',
};

test('names are as people write them', () => {
  for (const [mangled, readable] of Object.entries(known)) assert.equal(rustName(mangled), readable);
});

test('many types side by side are no depth', () => {
  assert.equal(rustName(`_RMC1aT${'Ry'.repeat(100)}E`), `<(${Array(100).fill('&u64').join(', ')})>`);
  const deep = `_RMC1a${'R'.repeat(100)}y`;
  assert.equal(rustName(deep), deep);
});

test('what is no name of Rust stays as it is', () => {
  for (const name of [
    'main',
    '',
    '_',
    '_R',
    '_Run',
    '_ZN',
    '_ZN3',
    '_ZN3std',
    '_ZSt4cout',
    '_ZN9abE',
    'runtime.gopanic',
  ]) {
    assert.equal(rustName(name), name);
  }
});

test('hostile names end soon and throw nothing', () => {
  const mangled = Object.keys(known);
  assert.equal(rustName(`_R${'N'.repeat(100_000)}`), `_R${'N'.repeat(100_000)}`);
  assert.equal(rustName('_RB_'), '_RB_');
  // Each tuple holds the one before twice: readable, it would be longer than memory.
  const doubling = Array.from({ length: 30 }, (_, index) => `TB${index}_B${index}_E`).join('');
  assert.equal(typeof rustName(`_RINvC1a1b${doubling}E`), 'string');
  for (let round = 0; round < 20_000; round++) {
    const chars = [...(mangled[round % mangled.length] as string)];
    for (let count = 0; count < 3; count++) {
      const at = 2 + Math.floor(Math.random() * (chars.length - 2));
      chars[at] = chars[Math.floor(Math.random() * chars.length)] as string;
    }
    assert.equal(typeof rustName(chars.join('').slice(0, 4 + Math.floor(Math.random() * 200))), 'string');
  }
});
