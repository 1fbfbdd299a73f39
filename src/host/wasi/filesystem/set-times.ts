// Sets the times of files to the nanosecond where the system can. node:fs takes seconds as floating-point numbers,
// which are too coarse to give a file the time of another one.
import fs from 'node:fs';
import type { Descriptor } from './descriptor.ts';
import { fail } from './error-code.ts';
import { type NewTimestamp, toSeconds } from './metadata.ts';
import { setTimesExactly } from './utimensat.ts';

type Stats = { readonly atimeNs: bigint; readonly mtimeNs: bigint };

/** Sets the times of an open descriptor. Throws `read-only` when the descriptor does not allow it. */
export function setTimes(self: Descriptor, access: NewTimestamp, modification: NewTimestamp): void {
  if (!self.mutable) fail('read-only');
  const facts = self.facts();
  if ('children' in facts) fail('read-only');
  if (self.kind === 'directory') {
    setTimesOf(self.directory.host?.self ?? fail('read-only'), true, facts, access, modification);
    return;
  }
  const times = seconds(facts, access, modification);
  const path = `/proc/self/fd/${self.file.fd}`;
  if (!setTimesExactly(path, true, access, modification)) fs.futimesSync(self.file.fd, ...times);
}

/** Sets the times of what lies at `path` on the host; `follow` says whether a symbolic link there is followed. */
export function setTimesOf(
  path: string,
  follow: boolean,
  facts: Stats,
  access: NewTimestamp,
  modification: NewTimestamp,
): void {
  const times = seconds(facts, access, modification);
  if (setTimesExactly(path, follow, access, modification)) return;
  if (follow) fs.utimesSync(path, ...times);
  else fs.lutimesSync(path, ...times);
}

/** Turns the times into seconds, and checks both. */
function seconds({ atimeNs, mtimeNs }: Stats, access: NewTimestamp, modification: NewTimestamp): [number, number] {
  return [toSeconds(access, atimeNs), toSeconds(modification, mtimeNs)];
}
