// What is in an image, as a software bill of materials: CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).
import { createHash } from 'node:crypto';

export interface SoftwareComponent {
  readonly name: string;
  readonly version: string | undefined;
  /** A package URL (https://github.com/package-url/purl-spec). */
  readonly purl?: string;
  /** SHA-256 in hexadecimal digits. */
  readonly sha256?: string;
  readonly type?: 'application' | 'library';
}

export interface SbomOptions {
  readonly name: string;
  readonly version: string | undefined;
  readonly created: Date;
}

/** The same software and time give the same document. */
export function sbomOf(software: readonly SoftwareComponent[], { name, version, created }: SbomOptions): object {
  const components = software.map(({ name, version, purl, sha256, type = 'library' }) => ({
    type,
    name,
    ...(version !== undefined && { version }),
    ...(purl !== undefined && { 'bom-ref': purl, purl }),
    ...(sha256 !== undefined && { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
  }));
  const of = { type: 'container', name, ...(version !== undefined && { version }) };
  const seed = createHash('sha256')
    .update(JSON.stringify([of, components]))
    .digest('hex');
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(seed)}`,
    version: 1,
    metadata: { timestamp: created.toISOString(), component: of },
    components,
  };
}

/** A UUID of version 8 (RFC 9562): made of a digest, so that it is the same for the same content. */
function uuidOf(hex: string): string {
  const variant = (0x8 | (Number.parseInt(hex[16] ?? '0', 16) & 0x3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
