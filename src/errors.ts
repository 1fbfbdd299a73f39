// Every error code of Mayfly. docs/errors.md is made from this table, which is one file so that it can be read as that page; a
// test compares the two.

export type Blame = 'user' | 'guest' | 'host';

export interface ErrorKind {
  /** The one who has to act: the person who wrote manifest or command, the author of the guest, or Mayfly itself. */
  readonly blame: Blame;
  readonly meaning: string;
  readonly mend: string;
}

/** Codes are stable: scripts may match on them. Keep them sorted by area, then by name. */
export const errorKinds = {
  // app/: errors of the manifest
  'app-invalid': {
    blame: 'user',
    meaning: 'Several things keep the app from being loaded; each is listed with its own code',
    mend: 'Mend the listed mistakes',
  },
  'apps-invalid': {
    blame: 'user',
    meaning: 'The list of apps for `mayfly host` has a mistake; with several each is listed with its place',
    mend: 'Mend the listed mistakes',
  },
  'apps-missing': {
    blame: 'user',
    meaning: 'The list of apps for `mayfly host` cannot be read',
    mend: 'Correct the path, or see who may read the file',
  },
  'manifest-allowed-host': {
    blame: 'user',
    meaning: 'An entry of `allowed_outbound_hosts` is not of the form `scheme://host[:port]`',
    mend: 'Write the entry as the hint says, for example `https://api.example.com`',
  },
  'manifest-component-unknown': {
    blame: 'user',
    meaning: 'A trigger names a component that the manifest does not define',
    mend: 'Correct the name, or add the `[component.<id>]` table',
  },
  'manifest-files': {
    blame: 'user',
    meaning:
      'An entry of `files` does not exist, is a link that leads out of the app, or would let its component write the app itself',
    mend: 'Name a file or folder by a path from the folder of the manifest; let components write folders of data only',
  },
  'manifest-invalid': {
    blame: 'user',
    meaning: 'The manifest has several mistakes; each is listed with its own code and place',
    mend: 'Mend the listed mistakes',
  },
  'manifest-key-missing': {
    blame: 'user',
    meaning: 'A key that the manifest must have is not there',
    mend: 'Add the key that the message names',
  },
  'manifest-key-unknown': {
    blame: 'user',
    meaning: 'The manifest has a key that has no meaning at this place',
    mend: 'Correct its spelling, move it to the table where it belongs, or remove it',
  },
  'manifest-missing': {
    blame: 'user',
    meaning: 'There is no manifest at the path that was given',
    mend: 'Give the path of a `spin.toml`, of its folder, or of a `.wasm` file with `--from`, or make an app with `mayfly new`',
  },
  'manifest-route': {
    blame: 'user',
    meaning: 'A route is not of the form that the HTTP trigger understands',
    mend: 'Write `/path`, `/path/:name` or `/path/...`',
  },
  'manifest-route-duplicate': {
    blame: 'user',
    meaning:
      'Two triggers have the same route, so that one of them never answers. It is a warning in the log, and an error for `mayfly doctor` and `mayfly up --strict`',
    mend: 'Change one of the two routes, or remove one of the triggers',
  },
  'manifest-source': {
    blame: 'user',
    meaning: 'The `source` of a component does not exist or is not a file',
    mend: 'Run `mayfly build`, or correct the path; it starts at the folder of the manifest',
  },
  'manifest-syntax': {
    blame: 'user',
    meaning: 'The manifest is not valid TOML',
    mend: 'Mend the line that the message names',
  },
  'manifest-type': {
    blame: 'user',
    meaning: 'A key of the manifest holds a value of the wrong type',
    mend: 'Give it a value of the type that the message names',
  },
  'manifest-value': {
    blame: 'user',
    meaning: 'A value or a name in the manifest has the right type but not the right form',
    mend: 'Write it as the hint says',
  },
  'manifest-variable': {
    blame: 'user',
    meaning: 'A `{{ … }}` expression is malformed, or names a variable that `[variables]` does not declare',
    mend: 'Declare the variable under `[variables]`, or correct its name',
  },
  'runtime-config-invalid': {
    blame: 'user',
    meaning: 'The runtime configuration has several mistakes; each is listed with its own code and place',
    mend: 'Mend the listed mistakes',
  },
  'runtime-config-key-missing': {
    blame: 'user',
    meaning: 'A key that a table of the runtime configuration must have is not there',
    mend: 'Add the key that the message names',
  },
  'runtime-config-key-unknown': {
    blame: 'user',
    meaning: 'The runtime configuration has a key that has no meaning at this place',
    mend: 'Correct its spelling, or remove it; docs/runtime-config.md has all keys',
  },
  'runtime-config-missing': {
    blame: 'user',
    meaning: 'The runtime configuration cannot be read',
    mend: 'Correct the path in `--runtime-config-file` or `RUNTIME_CONFIG_FILE`',
  },
  'runtime-config-syntax': {
    blame: 'user',
    meaning: 'The runtime configuration is not valid TOML',
    mend: 'Mend the line that the message names',
  },
  'runtime-config-type': {
    blame: 'user',
    meaning: 'A key of the runtime configuration holds a value of the wrong type',
    mend: 'Give it a value of the type that the message names',
  },
  'runtime-config-value': {
    blame: 'user',
    meaning: 'A value in the runtime configuration has the right type but not the right form',
    mend: 'Write it as the hint says',
  },
  unsupported: {
    blame: 'user',
    meaning: 'The manifest or the runtime configuration is valid, but uses a feature of Spin that Mayfly does not have',
    mend: 'docs/limits.md lists what is missing',
  },
  // runtime/: errors of what is fetched when an app is loaded
  'image-build': {
    blame: 'user',
    meaning: 'An image cannot be built, since something that belongs into it cannot be had',
    mend: 'Do as the hint says, for example name another base with `--base`',
  },
  kubectl: {
    blame: 'user',
    meaning: 'The program kubectl, which speaks with the cluster, is missing',
    mend: 'Install it: https://kubernetes.io/docs/tasks/tools/',
  },
  'leader-lease': {
    blame: 'user',
    meaning: 'No cluster of Kubernetes can be asked which of several pods leads, or the pod lost the lead',
    mend: 'Use `--leader-lease` in pods whose service account may write leases, as `mayfly kube scaffold` makes them',
  },
  'registry-artifact': {
    blame: 'user',
    meaning: 'What is in a registry at this reference is neither an app nor a component, or is broken',
    mend: 'The message says why: correct the reference, or push the app again',
  },
  'registry-credentials': {
    blame: 'user',
    meaning: 'A file with logins for registries, or a helper that keeps them, cannot be used',
    mend: 'Mend the file that the message names, or run `mayfly registry login`',
  },
  'registry-denied': {
    blame: 'user',
    meaning: 'A registry wants a login, or does not let the one that it got do this',
    mend: 'Run `mayfly registry login <registry>` with a user who may do it',
  },
  'signature-key': {
    blame: 'user',
    meaning: 'The key for a signature cannot be used',
    mend: 'Name a key in PEM, and give its passphrase if it has one',
  },
  'signature-missing': {
    blame: 'user',
    meaning: 'What is in a registry has no signature of the key that it must have',
    mend: 'Sign it with `mayfly registry sign`, or do not run it',
  },
  'source-digest': {
    blame: 'user',
    meaning:
      'A file that the manifest names by a URL or as a package, or something out of a registry, is not what has the digest that is expected',
    mend: 'Find out who changed the file. The message has its digest, for the case that the change is wanted',
  },
  'source-unavailable': {
    blame: 'user',
    meaning: 'A file that the manifest names by a URL or as a package cannot be fetched, or a registry not be reached',
    mend: 'The message says why: correct the URL, the registry or the version, or try again when the server is back',
  },
  // cli/: errors of commands
  'build-failed': {
    blame: 'user',
    meaning: "The build command of a component ended with an error, or did not leave the component's `source` behind",
    mend: 'The output of the command above the message says more',
  },
  'recording-corrupt': {
    blame: 'user',
    meaning: 'A file that `mayfly replay` should run is no recording, was cut off, or has a mistake in it',
    mend: 'Take a file that `mayfly up --record` wrote, of a version that this Mayfly reads',
  },
  'recording-missing': {
    blame: 'user',
    meaning: 'The file that `mayfly replay` should run cannot be read',
    mend: 'Correct the path, or see who may read the file',
  },
  'recordings-folder': {
    blame: 'user',
    meaning: 'The folder of `--record` cannot be made or read',
    mend: 'Name a folder that Mayfly may make or write',
  },
  'replay-component': {
    blame: 'user',
    meaning: 'The app has no component that can be asked what was recorded',
    mend: 'Name the app that was recorded with `-f`',
  },
  'listen-failed': {
    blame: 'user',
    meaning: 'The address to listen at is taken, not allowed, or not of this machine',
    mend: 'Stop the program that listens there, or choose another address with `--listen`',
  },
  'target-exists': {
    blame: 'user',
    meaning: 'A file or folder that would be written is there already',
    mend: 'Choose another name or folder, or remove what is there',
  },
  'template-invalid': {
    blame: 'user',
    meaning: 'A template is not one, or cannot be used here: its description, a filter, a value that does not fit',
    mend: 'Give a value that fits, or another template; whoever wrote the template can mend the rest',
  },
  'template-source': {
    blame: 'user',
    meaning: 'Templates cannot be taken from there: nothing is there, it holds none, or it would write elsewhere',
    mend: 'Correct the folder, archive or git URL; it has the templates in a folder `templates`',
  },
  'template-unknown': {
    blame: 'user',
    meaning: 'There is no template of that name',
    mend: 'The message lists the templates that there are',
  },
  'bench-unanswered': {
    blame: 'user',
    meaning: 'No request of `mayfly bench` had an answer',
    mend: 'Look whether the server runs, and whether the URL is right',
  },
  'test-invalid': {
    blame: 'user',
    meaning: 'A file of tests for `mayfly test` cannot be read, or has a mistake in it',
    mend: 'Mend what the message names; docs/testing.md has the format',
  },
  usage: {
    blame: 'user',
    meaning: 'The command line is not one that Mayfly understands',
    mend: '`mayfly <command> --help` shows what may be given',
  },
  // component/: errors of bytes that are no component, or one that cannot be linked
  'component-corrupt': {
    blame: 'user',
    meaning: 'The bytes do not follow the binary format of the Component Model, or do not validate',
    mend: 'Build the component again. The message gives the byte offset of the first violation',
  },
  'component-dependency': {
    blame: 'user',
    meaning: 'A dependency in the manifest does not fit the component: it fulfils no import of it, or lacks the export',
    mend: 'Name an import of the component, and where the export has another name, that with `export`',
  },
  'component-import-missing': {
    blame: 'user',
    meaning: 'The component imports something that the host does not have',
    mend: 'Build against an interface from the list in the message, or give the import a component of its own',
  },
  'component-import-type': {
    blame: 'user',
    meaning: 'The component imports a host function under a type that differs from the one that the host has',
    mend: 'Build the component against the published WIT of that interface',
  },
  'component-is-module': {
    blame: 'user',
    meaning: 'The bytes are a core WebAssembly module that is neither a command nor made for the world of a component',
    mend: 'Build it with a main function, or make a component of it: `jco new module.wasm -o component.wasm`',
  },
  'component-not-wasm': {
    blame: 'user',
    meaning: 'The bytes are no WebAssembly',
    mend: 'Check the path: `source` must lead to a component that was built',
  },
  'component-over-limit': {
    blame: 'user',
    meaning:
      'The component starts with more memory, larger tables or more instances than its limits and those of Mayfly allow',
    mend: 'Raise the limit that the message names under `tool.mayfly.limits` if it is one of those, or build the component with less',
  },
  'component-unsupported': {
    blame: 'user',
    meaning: 'The component uses a feature that Mayfly does not have yet',
    mend: 'docs/limits.md lists what is missing',
  },
  'script-engine': {
    blame: 'user',
    meaning: 'The engine that programs run in is not there, and cannot be made',
    mend: 'Run the command that the message names',
  },
  'script-failed': {
    blame: 'user',
    meaning: 'A program failed when it was evaluated, before any request',
    mend: 'Mend the line that the message names; what needs a request belongs into the handler',
  },
  'script-invalid': {
    blame: 'user',
    meaning: 'A program cannot be put together: a syntax error, an import that is not found, a module of Node',
    mend: 'Mend the line that the message names',
  },
  'component-version': {
    blame: 'user',
    meaning: 'The component is encoded in a version of the binary format that Mayfly does not read',
    mend: 'Build the component again with current tools',
  },
  // errors of guests
  'guest-cancelled': {
    blame: 'guest',
    meaning: 'The client went away, or the server stops: the guest was ended in the middle of its request',
    mend: 'Nothing: this is how requests end whose answer nobody waits for',
  },
  'guest-cpu-limit': {
    blame: 'guest',
    meaning: 'The guest used more CPU time than its limits allow, and was stopped',
    mend: 'Make the handler faster, or raise the limit that the message names under `tool.mayfly.limits`',
  },
  'guest-error': {
    blame: 'guest',
    meaning: 'The handler of a message or of a tick returned an error, or that of a request threw one',
    mend: 'The message has what the handler says of it. A message or a tick is over: it is not delivered again',
  },
  'guest-handler-type': {
    blame: 'user',
    meaning:
      'The function of the component that answers requests has another type than its interface says, or is missing',
    mend: 'Build the component against the WIT of the interface that it exports, with its resources imported from the host',
  },
  'guest-no-handler': {
    blame: 'user',
    meaning: 'The component exports no function that the trigger of its route could call',
    mend: 'Build the component for a world that exports `wasi:http/incoming-handler@0.2`',
  },
  'guest-trap': {
    blame: 'guest',
    meaning: 'The guest trapped: the call was ended and its sandbox thrown away',
    mend: 'The log names the component, the reason and the functions on the stack',
  },
  'guest-wall-limit': {
    blame: 'guest',
    meaning: 'The request took longer than its limits allow, and its guest was stopped',
    mend: 'Answer sooner, or raise the limit `wall` under `tool.mayfly.limits`',
  },
  'request-too-large': {
    blame: 'user',
    meaning: 'The body of a request is larger than a component takes that gets it as one value: the answer is 413',
    mend: 'Raise the limit `held` under `tool.mayfly.limits`, or build the component for `wasi:http`, where bodies stream',
  },
  // host/: errors of services
  'service-start': {
    blame: 'user',
    meaning: 'What the command line has for a store or a database at the start cannot be done there',
    mend: 'The message says why: correct the statement or value, or the place of the store in the runtime configuration',
  },
  // triggers/: errors of triggers that start
  'trigger-start': {
    blame: 'user',
    meaning: 'A trigger cannot start with what the manifest says, once its variables have their values',
    mend: 'Correct the key that the message names, or the value of its variable',
  },
  'variable-missing': {
    blame: 'user',
    meaning: 'A variable that a component uses has no value: no provider has one, and the manifest no default',
    mend: 'Give it with --variable, in the environment as SPIN_VARIABLE_<NAME>, or as a default in the manifest',
  },
  // sandbox/: errors of memories and sandboxes of this process
  overloaded: {
    blame: 'host',
    meaning:
      'All sandboxes that a component may have at once are taken, and so are the places in its queue, or other guests kept the thread for too long',
    mend: 'Send again later, run more workers, or raise `concurrency`, `queue_length` or `queue_time`',
  },
  'preinitialize-impossible': {
    blame: 'user',
    meaning: 'The manifest demands that a component be initialised beforehand, which this component does not allow',
    mend: 'Remove `preinitialize = true`; the message says what stands in the way',
  },
  'reset-unavailable': {
    blame: 'user',
    meaning: 'The way of resetting memories that was asked for does not work on this machine',
    mend: 'Leave `--reset` out, or take one that `mayfly doctor` lists as working. The message gives the reason',
  },
  'sandbox-exhausted': {
    blame: 'host',
    meaning:
      'The process has no room for what a guest wants: memories, mappings, descriptors, or what the host keeps for all guests are used up',
    mend: 'Run more workers or allow fewer sandboxes at once. On Linux, raise `vm.max_map_count` if the message names it',
  },
  'worker-failed': {
    blame: 'host',
    meaning: 'A worker process ended before it served, or did not get ready in time',
    mend: 'The log of the worker says why. Without `--workers` the same app runs in one process',
  },
  // errors of the host itself
  internal: {
    blame: 'host',
    meaning: 'A defect of Mayfly',
    mend: 'Please report it, with the message and the stack',
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorKinds;

/** A place in a file; lines and columns count from 1, `offset` is in bytes from 0. */
export interface Location {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  readonly offset?: number;
  /** Whether the file holds secrets: its values are not shown. */
  readonly secret?: true;
}

/**
 * A limit that ended something, by its name in the manifest, with its value in bytes or milliseconds, or as a number.
 */
export interface ReachedLimit {
  readonly name: string;
  readonly value: number;
}

export interface ErrorDetails {
  readonly cause?: unknown;
  readonly location?: Location | undefined;
  /** What to do about the error, down to the line to add to the manifest. */
  readonly hint?: string | undefined;
  /** All mistakes, when several are reported at once. */
  readonly problems?: readonly MayflyError[] | undefined;
  readonly limit?: ReachedLimit | undefined;
}

/**
 * The error that people see. Its message is in sentence case and active voice, quotes values, and has no full stop at
 * the end.
 */
export class MayflyError extends Error {
  override readonly name = 'MayflyError';
  readonly code: ErrorCode;
  readonly blame: Blame;
  readonly location: Location | undefined;
  readonly hint: string | undefined;
  readonly problems: readonly MayflyError[];
  readonly limit: ReachedLimit | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.blame = errorKinds[code].blame;
    this.location = details.location;
    this.hint = details.hint;
    this.problems = details.problems ?? [];
    this.limit = details.limit;
  }
}

/** The same error with a hint. */
export function withHint(error: MayflyError, hint: string): MayflyError {
  const { code, message, cause, location, problems, limit } = error;
  return new MayflyError(code, message, { cause, location, hint, problems, limit });
}

/**
 * A trap: the guest did something that the specification answers with one. The sandbox that threw it is never used
 * again. `CanonicalABI.md` names the reasons; the message repeats its words.
 */
export class Trap extends Error {
  override readonly name = 'Trap';
  readonly limit: ReachedLimit | undefined;

  constructor(message: string, limit?: ReachedLimit) {
    super(message);
    this.limit = limit;
  }
}

/**
 * Ends a guest that asked for it: a function of the host throws this through the guest, and whoever called the guest
 * catches it. It is no trap and no failure of the host.
 */
export class GuestExit extends Error {
  override readonly name = 'GuestExit';
  /** The exit code; 0 is success. */
  readonly code: number;
  constructor(code: number) {
    super(`The guest exited with code ${code}`);
    this.code = code;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
