// The API: `/api/notes`, `/api/notes/<id>` and `/api/settings`, in JSON; and what a tick of the cron trigger does.
import { addNote, listNotes, removeNote, removeNotesBefore } from './notes.ts';
import { readSettings, type Settings, writeSettings } from './settings.ts';

/** What is wrong with a request; the client gets the message. */
class BadRequest extends Error {}

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

/** Called by the cron trigger; `timestamp` is in seconds since 1970. Removes the notes that are older than the settings say. */
export function handleCronEvent({ timestamp }: { readonly timestamp: bigint }): void {
  const { keepDays } = readSettings();
  const removed = removeNotesBefore(Number(timestamp) - keepDays * 86_400);
  if (removed > 0) console.log(`Removed ${removed} notes`);
}

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const [, , collection, id] = pathname.split('/');
  try {
    switch (`${request.method} /${collection}${id === undefined ? '' : '/id'}`) {
      case 'GET /notes':
        return json(listNotes(searchParams.get('word') ?? ''));
      case 'POST /notes':
        return json(addNote(await textIn(request, 'text')), 201);
      case 'DELETE /notes/id':
        return removeNote(numberIn(id)) ? new Response(null, { status: 204 }) : json({ error: 'No such note' }, 404);
      case 'GET /settings':
        return json(readSettings());
      case 'PUT /settings':
        writeSettings(await settingsIn(request));
        return json(readSettings());
      default:
        return json({ error: 'No such route' }, 404);
    }
  } catch (error) {
    if (error instanceof BadRequest) return json({ error: error.message }, 400);
    throw error; // Mayfly logs it, and answers 500 without a word about the inside.
  }
}

async function settingsIn(request: Request): Promise<Settings> {
  const { title, keepDays } = { ...readSettings(), ...(await bodyOf(request)) };
  if (typeof title === 'string' && Number.isFinite(keepDays)) return { title, keepDays };
  throw new BadRequest('The body must be JSON with a text "title", a number "keepDays", or both');
}

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  return Object(await request.json().catch(() => undefined));
}

/** A member of the body, which must be a JSON object. */
async function textIn(request: Request, name: string): Promise<string> {
  const value = (await bodyOf(request))[name];
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  throw new BadRequest(`The body must be JSON with a text "${name}"`);
}

function numberIn(id: string | undefined): number {
  if (/^\d{1,15}$/.test(id ?? '')) return Number(id);
  throw new BadRequest('The id of a note is a number');
}

function json(value: unknown, status = 200): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: { 'content-type': 'application/json' } });
}
