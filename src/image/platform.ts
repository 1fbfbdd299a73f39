// The machines for which there are images, by the names of OCI, Debian and npm.
import { MayflyError } from '../errors.ts';

export interface Platform {
  readonly os: 'linux';
  /** As OCI and Debian call it. */
  readonly architecture: 'amd64' | 'arm64';
  /** As Node and npm call it. */
  readonly cpu: 'x64' | 'arm64';
}

const platforms: readonly Platform[] = [
  { os: 'linux', architecture: 'amd64', cpu: 'x64' },
  { os: 'linux', architecture: 'arm64', cpu: 'arm64' },
];

/** The platform of this machine, whose system does not matter: a Mac makes images for Linux. */
export function ownPlatform(): Platform {
  return platforms.find(({ cpu }) => cpu === process.arch) ?? platforms[0]!;
}

/** Reads a list such as `linux/amd64,linux/arm64`. Throws `usage`. */
export function parsePlatforms(text: string): Platform[] {
  return text.split(',').map((name) => {
    const found = platforms.find(({ os, architecture }) => `${os}/${architecture}` === name.trim());
    if (found) return found;
    throw new MayflyError('usage', `There are no images for "${name.trim()}"`, {
      hint: `There are: ${platforms.map(({ os, architecture }) => `${os}/${architecture}`).join(', ')}`,
    });
  });
}
