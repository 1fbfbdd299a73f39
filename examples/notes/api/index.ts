// The API: `/api/notes`, `/api/notes/<id>` and `/api/settings`, in JSON.
import { addNote, listNotes, removeNote } from './notes.ts';
import { readSettings, writeSettings } from './settings.ts';

/** What is wrong with a request; the client gets the message. */
class BadRequest extends Error {}

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

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
        writeSettings({ title: await textIn(request, 'title') });
        return json(readSettings());
      default:
        return json({ error: 'No such route' }, 404);
    }
  } catch (error) {
    if (error instanceof BadRequest) return json({ error: error.message }, 400);
    throw error; // Mayfly logs it, and answers 500 without a word about the inside.
  }
}

/** A member of the body, which must be a JSON object. */
async function textIn(request: Request, name: string): Promise<string> {
  const body: unknown = await request.json().catch(() => undefined);
  const value = (Object(body) as Record<string, unknown>)[name];
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
