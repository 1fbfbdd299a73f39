// Names with versions, and which version of a host interface serves which guest.

export interface VersionedName {
  /** The name, such as `wasi:io/streams`. */
  readonly name: string;
  /** The version, such as `0.2.0`; undefined when the name carries none. */
  readonly version: string | undefined;
}

export function parseVersionedName(text: string): VersionedName {
  const at = text.indexOf('@');
  return at < 0 ? { name: text, version: undefined } : { name: text.slice(0, at), version: text.slice(at + 1) };
}

/**
 * The track of a version. Versions of one track are compatible: `1.x` for 1.0.0 and later, `0.2.x` before, and a
 * pre-release only with itself. Explainer.md, canonical interface names.
 */
export function versionTrack(version: string | undefined): string {
  if (version === undefined) return '';
  const [core = '', ...rest] = version.split('-');
  if (rest.length > 0) return version;
  const [major = '0', minor = '0', patch = '0'] = core.split('.');
  if (major !== '0') return major;
  return minor !== '0' ? `0.${minor}` : `0.0.${patch}`;
}

export function sameTrack(a: string | undefined, b: string | undefined): boolean {
  return versionTrack(a) === versionTrack(b);
}
