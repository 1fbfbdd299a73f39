// What a container of an image is: who runs in it, where it listens, and with which arguments Mayfly starts.

/** The user of the process, whom images without a shell call `nonroot`. */
export const USER = 65_532;
/** The port, which a user who is not root may take. */
export const PORT = 8080;

/** The arguments that serve an app: its data are where a volume may be mounted, and its log goes to the container's. */
export function upArguments(from: string): readonly string[] {
  return ['up', '-f', from, '--state-dir', '/state', '--log-dir', ''];
}

/** Those of an image, which has its app at the root. */
export const ownArguments = upArguments('/spin.toml');
