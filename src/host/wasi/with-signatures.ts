// Gives the interfaces of one version of WASI the types of their functions.
import type { HostInterface } from '../../component/types/val-type.ts';

/** The type of each function of each interface, as in the files that scripts/wit-signatures.ts makes. */
type Signatures = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function withSignatures(interfaces: readonly HostInterface[], signatures: Signatures): HostInterface[] {
  return interfaces.map((one) => ({ ...one, signatures: signatures[one.name] }));
}
