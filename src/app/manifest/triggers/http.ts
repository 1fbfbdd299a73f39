// `[[trigger.http]]`: its keys, and what the locked app gets of them. The files in http/ have the further checks.
import * as z from 'zod/mini';
import { type FileContext, lockMiddleware } from '../../lock-files.ts';
import type { LockedMiddleware } from '../../locked-file.ts';
import { shadowedRoutes } from '../../shadowed-routes.ts';
import { component, origin, text, textMap, triggerComponents } from '../component-schema.ts';
import type { TriggerEntry } from '../document.ts';
import { table, textOr } from '../schema-tools.ts';
import { checkHttpTriggers } from './http/checks.ts';
import { conditionsOf, type RouteCondition } from './http/conditions.ts';
import { checkMiddleware } from './http/middleware.ts';
import { checkStaticResponses } from './http/static-response.ts';
import type { ManifestTriggerType } from './trigger-type.ts';

const schema = table({
  id: z.optional(text),
  component: z.optional(textOr('table', component)),
  components: z.optional(triggerComponents),
  dependencies: z.optional(table({ middleware: z.optional(z.array(origin({}, text))) })),
  route: textOr('table', table({ private: z.boolean() })),
  static_response: z.optional(
    table({
      status_code: z.optional(z.int()),
      headers: z.optional(textMap),
      body: z.optional(text),
    }),
  ),
  executor: z.optional(table({ type: text, argv: z.optional(text), entrypoint: z.optional(text) })),
});

type HttpTrigger = z.output<typeof schema>;

export interface LockedHttpTrigger {
  readonly type: 'http';
  readonly id: string;
  /**
   * The raw route of the manifest (`/hello/:name`, `/files/...`); undefined for `route = { private = true }`, and for a
   * trigger that never answers.
   */
  readonly route: string | undefined;
  /** The id of the trigger that answers in place of this one, since both have the same route. */
  readonly shadowedBy?: string;
  /** The requests that the route is for; absent when it is for all. */
  readonly only?: RouteCondition;
  readonly action:
    | {
        readonly kind: 'component';
        readonly component: string;
        /**
         * Set when the component runs as a CGI program (`executor = { type = "wagi" }`); otherwise it is called by what
         * it exports.
         */
        readonly wagi?: LockedWagi;
        /** The middleware that a request passes through first, the outermost first; absent when there is none. */
        readonly middleware?: readonly LockedMiddleware[];
      }
    | {
        readonly kind: 'static-response';
        readonly status: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string | undefined;
      };
}

/** The command line with which Spin starts CGI programs when the manifest gives none. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a template of ours, filled in for each request
export const defaultArgv = '${SCRIPT_NAME} ${ARGS}';

export interface LockedWagi {
  /** The command line; `${SCRIPT_NAME}` and `${ARGS}` stand for the path and the parts of the query. */
  readonly argv: string;
}

export const httpTriggerType: ManifestTriggerType<HttpTrigger, LockedHttpTrigger> = {
  type: 'http',
  schema,
  appSchema: table({ base: z.optional(text) }),
  check(document, triggers, problems, entries) {
    checkHttpTriggers(document, triggers, problems);
    checkStaticResponses(triggers, problems);
    checkMiddleware(triggers, entries, problems);
  },
  lock: (entry, trigger, context) => ({
    type: 'http',
    id: entry.id,
    route: typeof trigger.route === 'string' ? trigger.route : undefined,
    action: lockAction(entry, trigger, context),
  }),
  settle(given, document) {
    const conditions = conditionsOf(document);
    const triggers = given.map((trigger) => withCondition(trigger, conditions.get(trigger.id)));
    const keys = triggers.map(({ only = {} }) => JSON.stringify(only));
    const shadowed = shadowedRoutes(
      triggers.map(({ route }) => route),
      keys,
    );
    return triggers.map((trigger, index) => {
      const winner = triggers[shadowed.get(index) ?? index];
      return winner && winner !== trigger ? { ...trigger, route: undefined, shadowedBy: winner.id } : trigger;
    });
  },
};

function withCondition(trigger: LockedHttpTrigger, only: RouteCondition | undefined): LockedHttpTrigger {
  return only?.methods || only?.hosts ? { ...trigger, only } : trigger;
}

function lockAction(
  { component: id, path, table }: TriggerEntry,
  { static_response: response, executor }: HttpTrigger,
  context: FileContext,
): LockedHttpTrigger['action'] {
  if (!response) {
    const middleware = lockMiddleware(table.dependencies, path, context);
    const before = middleware.length > 0 ? { middleware } : {};
    return { kind: 'component', component: id ?? '', ...lockExecutor(executor), ...before };
  }
  const { status_code: status = 200, headers = {}, body } = response;
  return { kind: 'static-response', status, headers: { ...headers }, body };
}

function lockExecutor(executor: HttpTrigger['executor']): { readonly wagi?: LockedWagi } {
  return executor?.type === 'wagi' ? { wagi: { argv: executor.argv ?? defaultArgv } } : {};
}
