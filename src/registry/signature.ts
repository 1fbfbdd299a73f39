// Signatures with a key, as cosign 3 keeps them: a bundle of Sigstore with a statement about the digest of an image, in an
// artifact that refers to the image (https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md). Nothing is sent to
// a log of others.
import { createHash, createPublicKey, type KeyObject, sign as signBytes } from 'node:crypto';
import { type Bundle, bundleFromJSON, bundleToJSON, toDSSEBundle } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { toSignedEntity, Verifier } from '@sigstore/verify';
import { MayflyError, messageOf } from '../errors.ts';
import { manifestBytes } from './artifact.ts';
import { objectOf } from './json.ts';
import { blobOf, type Descriptor, jsonBytes, mediaTypes, readManifest } from './oci.ts';
import type { Repository } from './repository.ts';
import { pushBlob, pushReferrer } from './upload.ts';

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const STATEMENT = 'application/vnd.in-toto+json';
const PREDICATE = 'https://sigstore.dev/cosign/sign/v1';
/** The most signatures of one image that are looked at. */
const MOST_SIGNATURES = 50;

/** Signs a manifest of the repository, and pushes the signature. Throws what pushing throws. */
export async function signManifest(
  repository: Repository,
  subject: Descriptor,
  key: KeyObject,
  created: Date,
): Promise<Descriptor> {
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: subject.digest.replace('sha256:', '') } }],
    predicateType: PREDICATE,
    predicate: {},
  };
  const artifact = Buffer.from(JSON.stringify(statement));
  const signature = signatureOf(dsse.preAuthEncoding(STATEMENT, artifact), key);
  const bundle = toDSSEBundle({ artifact, artifactType: STATEMENT, signature, keyHint: hintOf(key) });
  const layer = blobOf(jsonBytes(withoutKeyIds(bundle)), BUNDLE);
  const config = blobOf(new Uint8Array(Buffer.from('{}')), mediaTypes.emptyConfig);
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': PREDICATE,
    'org.opencontainers.image.created': created.toISOString(),
  };
  for (const blob of [layer, config]) await pushBlob(repository, blob);
  const manifest = manifestBytes({ config, layers: [layer], artifactType: BUNDLE, subject, annotations });
  return pushReferrer(repository, manifest, subject.digest, { artifactType: BUNDLE, annotations });
}

/** The bundle as cosign writes it: the name of a key stands beside the envelope, and one inside of it counts as another key. */
function withoutKeyIds(bundle: Bundle): object {
  const json = objectOf(bundleToJSON(bundle));
  const envelope = objectOf(json.dsseEnvelope);
  const signatures = Array.isArray(envelope.signatures) ? envelope.signatures : [];
  return { ...json, dsseEnvelope: { ...envelope, signatures: signatures.map((one) => ({ sig: objectOf(one).sig })) } };
}

function signatureOf(data: Buffer, key: KeyObject): Buffer {
  // A key of Edwards curves hashes by itself.
  return signBytes(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key);
}

/** The digest of the public key, by which people tell keys apart. */
function hintOf(key: KeyObject): string {
  const der = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64');
}

/**
 * Checks that one of the signatures of a manifest was made with the key. Throws `signature-missing` where none was, with
 * what is wrong with those that there are.
 */
export async function verifyManifest(repository: Repository, digest: string, key: KeyObject): Promise<void> {
  const referrers = (await repository.referrers(digest)).filter(({ artifactType }) => artifactType === BUNDLE);
  const faults: string[] = [];
  for (const referrer of referrers.slice(0, MOST_SIGNATURES)) {
    try {
      const found = await repository.manifest(referrer.digest);
      const [layer] = readManifest(found.value, referrer.digest).layers;
      if (!layer) throw new Error('it holds no bundle');
      verifyBundle(JSON.parse((await repository.blobBytes(layer)).toString()), digest, key);
      return;
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  const of = `${repository.registry}/${repository.name}@${digest}`;
  const why =
    faults.length === 0
      ? 'it has none'
      : `of ${faults.length} none holds: ${[...new Set(faults)].slice(0, 3).join('; ')}`;
  throw new MayflyError('signature-missing', `${of} has no signature of this key: ${why}`, {
    hint: "Sign it with 'mayfly registry sign --key <file>' or 'cosign sign --key <file>', or see who pushed it",
  });
}

/** Throws when the bundle is none, was not made with the key, or is about something else. */
export function verifyBundle(json: unknown, digest: string, key: KeyObject): void {
  const bundle: Bundle = bundleFromJSON(json);
  const material = {
    certificateAuthorities: [],
    timestampAuthorities: [],
    tlogs: [],
    ctlogs: [],
    publicKey: () => ({ publicKey: key, validFor: () => true }),
  };
  // Who signed with a certificate is somebody else, whatever logs say of that.
  if (bundle.verificationMaterial.content.$case !== 'publicKey') throw new Error('it was not made with a key');
  const verifier = new Verifier(material, { ctlogThreshold: 0, tlogThreshold: 0, timestampThreshold: 0 });
  verifier.verify(toSignedEntity(withoutLogs(bundle)));
  if (bundle.content.$case !== 'dsseEnvelope') throw new Error('it holds no statement');
  const { payload, payloadType } = bundle.content.dsseEnvelope;
  if (payloadType !== STATEMENT) throw new Error('it holds no statement');
  const { subject, predicateType } = objectOf(JSON.parse(payload.toString()));
  if (predicateType !== PREDICATE) throw new Error('its statement is no signature');
  const subjects = Array.isArray(subject) ? subject : [];
  if (!subjects.some((one) => objectOf(objectOf(one).digest).sha256 === digest.replace('sha256:', ''))) {
    throw new Error('it is a signature of something else');
  }
}

/** The bundle without entries of logs and times, which say nothing about a key that one has. */
function withoutLogs(bundle: Bundle): Bundle {
  const { verificationMaterial } = bundle;
  return {
    ...bundle,
    verificationMaterial: { ...verificationMaterial, tlogEntries: [], timestampVerificationData: undefined },
  } as Bundle;
}
