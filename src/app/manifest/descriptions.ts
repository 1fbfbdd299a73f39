// What each key of spin.toml means, for the JSON Schema that editors show. The names are those of the manifest, with `*`
// for a name that the author chooses and `[]` for an entry of a list.
import { inheritableKeys } from '../inherited.ts';
import type { JsonSchema } from './schema-tools.ts';
import { defaultArgv } from './triggers/http.ts';

/** A description, or that and more of JSON Schema. */
export type Description = string | JsonSchema;

/** The keys of a file that comes from elsewhere. */
function remote(place: string): Record<string, Description> {
  return {
    [`${place}.url`]: 'Where the file is fetched from, over HTTP',
    [`${place}.digest`]: {
      description: 'The digest that the file must have: `sha256:` and 64 hexadecimal digits',
      pattern: '^sha256:[0-9a-fA-F]{64}$',
    },
    [`${place}.registry`]: 'The host of the registry that has the package',
    [`${place}.package`]: 'The name of the package: `namespace:name`',
  };
}

/** The keys of a component that is joined to another one. */
function joined(place: string): Record<string, Description> {
  return {
    ...remote(place),
    [`${place}.component`]: 'Another component of the app',
    [`${place}.path`]: 'The path of the file, from the folder of the manifest',
    [`${place}.version`]:
      'The requirement for the version of the package, such as `>= 1.0`: the newest that fits is taken',
    [`${place}.inherit_configuration`]:
      'What it may do: all that the component may which it is joined to, nothing, or the parts of a list. Nothing by default',
    [`${place}.inherit_configuration[]`]: { enum: [...inheritableKeys] },
  };
}

function dependencies(place: string): Record<string, Description> {
  return {
    [place]:
      'Components that fulfil imports of this one, by the imports: `ns:package/interface`, `ns:package`, or a name',
    [`${place}.*`]: 'Where the dependency comes from; a text is a requirement for the version of the package',
    [`${place}.*.export`]: 'The export that fulfils the import, where it has another name',
    ...joined(`${place}.*`),
  };
}

const source = 'The WebAssembly file: its path from the folder of the manifest, a URL with a digest, or a package';
const command = 'The command that builds the component, or several, which run one after the other';
const environment = 'Environment variables of the component';
const targets = 'The environments of Spin that it is made for; Mayfly does not look at them';

export const descriptions: Readonly<Record<string, Description>> = {
  spin_manifest_version: { description: 'The version of the manifest', const: 2 },
  application: 'What the app is',
  'application.name': 'The name of the app',
  'application.version': 'The version of the app, such as `1.0.0`',
  'application.description': 'What the app does, in a sentence',
  'application.authors': 'Who wrote it: `Name <mail@example.com>`',
  'application.targets': targets,
  'application.trigger': 'Settings for all triggers of a type',
  'application.trigger.http': 'Settings for all HTTP triggers',
  'application.trigger.http.base': { description: 'Nothing but `/`: it goes before each route', const: '/' },
  'application.tool': 'Settings of tools',
  'application.tool.mayfly': 'What Mayfly adds to the app; Spin ignores it',
  'application.tool.mayfly.routes': 'Methods and hosts for which a route counts, by the id of its trigger',
  'application.tool.mayfly.routes.*.methods': 'Methods of HTTP for which the route counts; 405 for others',
  'application.tool.mayfly.routes.*.hosts': 'Hosts for which the route counts, `*.domain` among them',
  'application.tool.mayfly.websocket':
    'WebSockets: a component is called when one opens, with its messages, and when it closes',
  'application.tool.mayfly.websocket[].id':
    'The name of the trigger; made from that of the component when it is left out',
  'application.tool.mayfly.websocket[].component': 'The id of the component that gets the messages',
  'application.tool.mayfly.websocket[].route': 'The path at which clients connect: `/path`, `/path/:name`, `/path/...`',
  'application.tool.mayfly.websocket[].protocols':
    'Subprotocols that are agreed to, the preferred first; none by default',
  'application.tool.mayfly.websocket[].origins':
    "Origins of pages that may connect beside those of the app's own host, such as `https://example.com`; `*` for all",
  'application.tool.mayfly.websocket[].topics': 'Topics to which each connection is subscribed from its beginning',
  'application.tool.mayfly.websocket[].compression':
    'Whether messages are compressed (permessage-deflate) for clients that want it; not by default',
  'application.tool.mayfly.limits': 'Limits for all components that set none of their own',
  variables: 'Variables of the app: who runs it gives them values, and components use them as `{{ name }}`',
  'variables.*.description': 'What the variable is for',
  'variables.*.required': 'Whether a value must be given',
  'variables.*.default': 'The value when none is given',
  'variables.*.secret': 'Whether the value is a secret',
  trigger: 'What the app waits for, by the type of trigger',
  'trigger.http': 'HTTP requests that the app answers',
  'trigger.http[].id': 'The name of the trigger; made from that of the component when it is left out',
  'trigger.http[].component': 'The component that answers: its id, or the component written out',
  'trigger.http[].components': 'Further components of the app, by names that the trigger does not use',
  'trigger.http[].route': 'The path: `/path`, `/path/:name`, `/path/...`; `{ private = true }` for no path at all',
  'trigger.http[].route.private': { description: 'Only components of the app can send requests', const: true },
  'trigger.http[].static_response': 'An answer that needs no component',
  'trigger.http[].static_response.status_code': {
    description: 'The status; 200 by default',
    minimum: 200,
    maximum: 599,
  },
  'trigger.http[].static_response.headers': 'The headers of the answer',
  'trigger.http[].static_response.body': 'The body of the answer',
  'trigger.http[].executor': 'How the component is called; found out by itself when it is left out',
  'trigger.http[].executor.type': { description: '`wagi` for CGI programs', enum: ['http', 'spin', 'wagi'] },
  'trigger.http[].executor.argv': `The command line of a CGI program; by default '${defaultArgv}'`,
  'trigger.http[].executor.entrypoint': { description: 'Nothing but `_start`', const: '_start' },
  'trigger.http[].dependencies': 'Components that are joined to the one that answers',
  'trigger.http[].dependencies.middleware': 'Components that a request passes first, the outermost first',
  ...joined('trigger.http[].dependencies.middleware[]'),
  component: 'The components of the app, by their ids',
  'component.*.source': source,
  ...remote('component.*.source'),
  'component.*.source.version': 'The version of the package: `1.0.0`',
  'component.*.description': 'What the component does; shown beside its routes',
  'component.*.variables': 'Variables of the component; their values may hold `{{ name }}` of variables of the app',
  'component.*.environment': environment,
  'component.*.files': 'Files that the component may read: patterns, or folders with the place where they appear',
  'component.*.files[].source': 'The path of a folder or file, from the folder of the manifest',
  'component.*.files[].destination': 'The absolute path where the component finds it',
  'component.*.exclude_files': 'Patterns of files that are left out',
  'component.*.allowed_http_hosts': {
    description: 'The old form of `allowed_outbound_hosts`: hosts without a scheme',
    deprecated: true,
  },
  'component.*.allowed_outbound_hosts':
    'Where the component may connect to: `scheme://host[:port]`, with `*` and `{{ name }}`',
  'component.*.key_value_stores': 'Key-value stores that the component may open; `default` is always there',
  'component.*.sqlite_databases': 'SQLite databases that the component may open; `default` is always there',
  'component.*.ai_models': 'Language models that the component may ask',
  'component.*.targets': targets,
  'component.*.build': 'How the component is built',
  'component.*.build.command': command,
  'component.*.build.workdir': 'The folder in which the command runs, from the folder of the manifest',
  'component.*.build.watch': 'Patterns of the files that it is built from',
  'component.*.tool': 'Settings of tools',
  'component.*.tool.mayfly': 'What Mayfly adds to the component; Spin ignores it',
  'component.*.tool.mayfly.preinitialize': 'Whether it is initialised once, when it is loaded, or for each request',
  'component.*.tool.mayfly.warm': 'Paths of requests that it answers before its image is taken',
  'component.*.tool.mayfly.writable_files': 'Whether it may write its files',
  'component.*.tool.mayfly.script':
    'The source file of a program, which runs as it is; `source` is then what Spin runs',
  'component.*.tool.mayfly.bundled': 'Whether the program was put together already, as `mayfly image build` does it',
  'component.*.tool.mayfly.engine': 'The engine that a program runs in: `quickjs` (the default) or `starlingmonkey`',
  'component.*.tool.mayfly.reuse': 'How many requests run in one sandbox, one after another; 1 by default',
  'component.*.tool.mayfly.limits': 'What a request and the component may use',
  'component.*.dependencies_inherit_configuration': 'Whether its dependencies may do all that it may',
  ...dependencies('component.*.dependencies'),
  'component.*.profile': 'What is different with `--profile`, by the name of the profile',
  'component.*.profile.*.source': source,
  ...remote('component.*.profile.*.source'),
  'component.*.profile.*.source.version': 'The version of the package: `1.0.0`',
  'component.*.profile.*.environment': `${environment}, which are added to the others`,
  'component.*.profile.*.build': 'How the component is built',
  'component.*.profile.*.build.command': command,
  ...dependencies('component.*.profile.*.dependencies'),
};
