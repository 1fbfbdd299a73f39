// The compilers that templates want: their versions as they are on this machine, undefined for those that are missing.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What a command says of itself, on both streams; empty where it is missing or fails. */
function said(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? `${stdout}${stderr}`.trim() : '';
}

/** With the target that components are built for. */
export function rustVersion(): string | undefined {
  const target = said('rustc', '--print', 'target-libdir', '--target', 'wasm32-wasip2');
  return target !== '' && existsSync(target) ? /^rustc \S+/.exec(said('rustc', '--version'))?.[0] : undefined;
}

/** 1.21 or newer. */
export function goVersion(): string | undefined {
  return /go(1\.(?:2[1-9]|[3-9]\d)\S*)/.exec(said('go', 'version'))?.[1];
}

export function zigVersion(): string | undefined {
  return /^0\.15\.\S*/.exec(said('zig', 'version'))?.[0];
}

/** Of Java's compiler. */
export function jdkVersion(): string | undefined {
  return /javac (\S+)/.exec(said('javac', '-version'))?.[1];
}

/** The same, where Maven is there, too. */
export function javaVersion(): string | undefined {
  return said('mvn', '--version') === '' ? undefined : jdkVersion();
}
