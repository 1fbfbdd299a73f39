// The page: shows the notes of the API, adds and removes them.
const list = document.querySelector('ul');
const form = document.querySelector('form');

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const text = new FormData(form).get('text');
  await call('POST', '/api/notes', { text });
  form.reset();
  await show();
});

async function show() {
  const [{ title }, notes] = await Promise.all([call('GET', '/api/settings'), call('GET', '/api/notes')]);
  document.title = title;
  document.querySelector('h1').textContent = title;
  list.replaceChildren(...notes.map(line));
}

/** What people wrote goes in as text, never as HTML. */
function line({ id, text }) {
  const content = Object.assign(document.createElement('span'), { textContent: text });
  const remove = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Done' });
  remove.addEventListener('click', async () => {
    await call('DELETE', `/api/notes/${id}`);
    await show();
  });
  const item = document.createElement('li');
  item.append(content, remove);
  return item;
}

async function call(method, path, body) {
  const response = await fetch(path, { method, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  return response.status === 204 ? undefined : response.json();
}

await show();
