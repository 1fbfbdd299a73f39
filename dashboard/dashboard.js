// The operator's pages: asks the port that served it what runs, and draws it. No libraries, and nothing from elsewhere.

const MOST_ROWS = 200;
const MOST_SECONDS = 120;

const state = { app: undefined, requests: [], seconds: [], left: 0, filter: '', isPaused: false, shown: undefined };
const main = document.querySelector('#main');
const status = document.querySelector('#state');

/** Makes an element. What comes from outside is text and never markup. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key, value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== undefined));
  return made;
}

const milliseconds = (ms) => (ms === undefined ? '–' : `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`);
const megabytes = (bytes) => (bytes === undefined ? '–' : `${(bytes / 2 ** 20).toFixed(1)} MiB`);
const time = (at) => new Date(at).toLocaleTimeString();

// --- Charts

function chart(title, lines, text) {
  const values = lines.flatMap(({ points }) => points.filter((value) => value !== undefined));
  const most = Math.max(...values, 0) || 1;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', `0 0 ${MOST_SECONDS} 100`);
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('role', 'img');
  svg.setAttribute(
    'aria-label',
    `${title}: ${lines.map(({ name, points }) => `${name} ${text(points.at(-1))}`).join(', ')}`,
  );
  const draw = (kind, attributes) => {
    const shape = document.createElementNS('http://www.w3.org/2000/svg', kind);
    for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
    svg.append(shape);
  };
  draw('line', { class: 'axis', x1: 0, y1: 99.5, x2: MOST_SECONDS, y2: 99.5 });
  lines.forEach(({ points }, index) => {
    const start = MOST_SECONDS - points.length;
    // A value between two that are missing is a dash.
    const places = points.flatMap((value, at) => {
      if (value === undefined) return [];
      const y = 99 - (value / most) * 95;
      return points[at - 1] === undefined && points[at + 1] === undefined
        ? [`${start + at - 0.5},${y}`, `${start + at + 0.5},${y}`]
        : [`${start + at},${y}`];
    });
    draw('polyline', { class: index === 0 ? 'one' : 'two', points: places.join(' ') });
  });
  const keys = lines.map(({ name, points }, index) =>
    element('span', { class: index === 0 ? 'key-one' : 'key-two' }, `${name} ${text(points.at(-1))}`),
  );
  return element(
    'figure',
    {},
    element('h3', {}, title),
    svg,
    element('figcaption', {}, keys, element('span', {}, `up to ${text(most)}`)),
  );
}

// --- Pages

function overview() {
  const { seconds } = state;
  const pools = (key) => seconds.map((second) => second.pools.reduce((sum, pool) => sum + pool[key], 0));
  const number = (value) => (value === undefined ? '–' : String(Math.round(value)));
  const last = seconds.at(-1);
  return [
    element(
      'div',
      { class: 'charts' },
      chart(
        'Requests a second',
        [
          { name: 'answered', points: seconds.map((one) => one.requests) },
          { name: 'failed', points: seconds.map((one) => one.failures) },
        ],
        number,
      ),
      chart(
        'Time to the end of the answer',
        [
          { name: 'median', points: seconds.map((one) => one.p50) },
          { name: '99 %', points: seconds.map((one) => one.p99) },
        ],
        milliseconds,
      ),
      chart(
        'Sandboxes',
        [
          { name: 'busy', points: pools('busy') },
          { name: 'idle', points: pools('idle') },
        ],
        number,
      ),
      chart('Requests that wait for a sandbox', [{ name: 'queued', points: pools('queued') }], number),
      chart(
        'CPU',
        [{ name: 'of one core', points: seconds.map((one) => one.cpu * 100) }],
        (value) => `${number(value)} %`,
      ),
      chart('Memory of the process', [{ name: 'resident', points: seconds.map((one) => one.memory) }], megabytes),
    ),
    element('h2', {}, 'Sandboxes by component'),
    table(
      ['Component', '#Busy', '#Idle', '#Queued', '#Made', '#Thrown away'],
      (last?.pools ?? []).map((pool) => [pool.component, pool.busy, pool.idle, pool.queued, pool.made, pool.discarded]),
    ),
    element('h2', {}, 'Triggers'),
    table(
      ['Type', 'Route', 'Component'],
      (state.app?.triggers ?? []).map(({ type, route, component }) => [
        type,
        route ?? '',
        component ?? 'a fixed answer',
      ]),
    ),
  ];
}

/** A head that begins with # stands over numbers. */
function table(heads, rows) {
  const isNumber = (index) => (heads[index].startsWith('#') ? 'number' : undefined);
  const cell = (content, index) =>
    element('td', { class: isNumber(index) }, content instanceof Node ? content : String(content));
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        heads.map((head, index) => element('th', { class: isNumber(index), scope: 'col' }, head.replace('#', ''))),
      ),
    ),
    element(
      'tbody',
      {},
      rows.map((row) => element('tr', {}, row.map(cell))),
    ),
  );
}

function requests(onlyFailures) {
  const wanted = state.filter.toLowerCase();
  const isShown = (one) =>
    (!onlyFailures || one.isFailure) &&
    (wanted === '' || `${one.method} ${one.path} ${one.status} ${one.component ?? ''}`.toLowerCase().includes(wanted));
  const rows = state.requests.filter(isShown).toReversed();
  const filter = element('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Path, status, component',
    'aria-label': 'Show only requests with',
    input: (event) => {
      state.filter = event.target.value;
      render();
    },
  });
  filter.value = state.filter;
  const pause = element(
    'button',
    {
      id: 'pause',
      click: () => {
        state.isPaused = !state.isPaused;
        render();
      },
    },
    state.isPaused ? 'Go on' : 'Hold still',
  );
  return [
    element(
      'div',
      { class: 'tools' },
      filter,
      pause,
      element(
        'span',
        { class: 'soft' },
        `the last ${MOST_ROWS} are kept${state.left > 0 ? `; ${state.left} came too fast to be shown` : ''}`,
      ),
    ),
    rows.length === 0
      ? element('p', { class: 'soft' }, onlyFailures ? 'No request has failed.' : 'No request has come yet.')
      : table(
          ['Time', 'Request', '#Status', 'Component', '#Answer', '#CPU', '#Memory', '#Host calls', 'Sandbox'],
          rows.map((one) => [
            time(one.time),
            element(
              'button',
              { id: `request-${one.number}`, click: () => (location.hash = `#request-${one.number}`) },
              `${one.method} ${one.path}`,
            ),
            element(
              'span',
              { class: one.isFailure ? 'bad' : undefined },
              `${one.status}${one.isBroken ? ', broken off' : ''}`,
            ),
            one.component ?? '',
            milliseconds(one.ms),
            milliseconds(one.cpuMs),
            megabytes(one.memoryBytes),
            one.hostCalls ?? '–',
            one.sandbox === undefined ? '–' : `${one.sandbox}${one.discarded ? ', thrown away' : ''}`,
          ]),
        ),
  ];
}

async function load(number) {
  state.shown = { number, isLoading: true };
  const response = await fetch(`api/requests/${number}`);
  state.shown = response.ok ? await response.json() : { number, isGone: true };
  render();
}

function request(number) {
  if (state.shown?.number !== number) void load(number);
  const one = state.shown;
  if (one.isLoading) return [element('p', {}, 'Loading …')];
  if (one.isGone) return [element('p', {}, 'This request is not kept any more.')];
  const facts = [
    ['Time', new Date(one.time).toLocaleString()],
    ['Status', one.status],
    ['Component', one.component],
    ['Route', one.route],
    ['Client', one.isChained ? 'another component' : one.client],
    ['Protocol', one.protocol],
    ['Id', one.requestId],
    ['Trace', one.traceId],
    ['Head of the answer after', milliseconds(one.headMs)],
    ['End of the answer after', milliseconds(one.ms)],
    ['Bytes', `${one.receivedBytes} received, ${one.sentBytes} sent${one.isBroken ? ', broken off' : ''}`],
    ['CPU', milliseconds(one.cpuMs)],
    ['Memory', megabytes(one.memoryBytes)],
    ['Host calls', one.hostCalls],
    ['Sandbox', one.sandbox && `${one.sandbox}${one.discarded ? ', thrown away' : ''}`],
  ].filter(([, value]) => value !== undefined);
  const { error, lines } = one;
  return [
    element('h2', {}, `${one.method} ${one.scheme}://${one.authority}${one.path}`),
    element(
      'dl',
      {},
      facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, String(value))]),
    ),
    ...(error
      ? [
          element('h2', { class: 'bad' }, error.code),
          element('p', {}, error.message ?? ''),
          ...(error.hint ? [element('p', {}, error.hint)] : []),
          element('pre', { tabindex: 0 }, error.stack ?? ''),
        ]
      : []),
    element('h2', {}, 'Lines of the log'),
    lines.length === 0
      ? element('p', { class: 'soft' }, 'None, or not kept any more.')
      : element('pre', { tabindex: 0 }, lines.map(({ event, text }) => `${event}  ${text}`).join('\n')),
  ];
}

function components() {
  return (state.app?.components ?? []).flatMap(({ id, kind, description, permissions, limits }) => [
    element('h2', {}, id, element('span', { class: 'soft' }, `  ${kind}`)),
    ...(description ? [element('p', {}, description)] : []),
    element('h3', {}, 'What it may do'),
    element(
      'dl',
      {},
      Object.entries(permissions).flatMap(([name, allowed]) => [
        element('dt', {}, name),
        element('dd', {}, allowed.length === 0 ? 'none' : allowed.join(', ')),
      ]),
    ),
    element('h3', {}, 'Limits'),
    table(
      ['Key', '#Value', 'Of', 'Set by'],
      limits.map(({ key, value, unit, of, isSet }) => [
        key,
        limitText(value, unit),
        of,
        isSet ? 'the manifest' : 'default',
      ]),
    ),
  ]);
}

async function loadRecordings() {
  state.recordings = [];
  const response = await fetch('api/recordings');
  state.recordings = response.ok ? await response.json() : [];
  render();
}

async function replay(name) {
  state.replayed = { name, isRunning: true };
  render();
  const response = await fetch(`api/recordings/${name}`, { method: 'POST', headers: { 'x-mayfly-dashboard': '1' } });
  const what = { 404: 'It is not there any more.', 429: 'Another one is being replayed.' };
  state.replayed = {
    name,
    ...(response.ok ? await response.json() : { failure: what[response.status] ?? `Status ${response.status}` }),
  };
  render();
}

function recordings() {
  if (!state.recordings) void loadRecordings();
  const { replayed } = state;
  return [
    element(
      'div',
      { class: 'tools' },
      element('button', { id: 'again', click: loadRecordings }, 'Look again'),
      element('span', { class: 'soft' }, 'the youngest 100'),
    ),
    state.recordings.length === 0
      ? element('p', { class: 'soft' }, 'No request has been recorded yet.')
      : table(
          ['Time', 'Request', 'Component', 'File', ''],
          state.recordings.map(({ name, request: one }) => [
            one ? new Date(one.at).toLocaleString() : '',
            one ? `${one.method} ${one.path}` : 'not readable',
            one?.component ?? '',
            name,
            element('button', { id: `replay-${name}`, click: () => replay(name) }, 'Replay'),
          ]),
        ),
    ...(replayed ? outcome(replayed) : []),
  ];
}

function outcome({ name, isRunning, failure, same, sameComponent, calls, departures = [], response = [], end }) {
  const title = element('h2', { id: 'outcome' }, `Replay of ${name}`);
  if (isRunning) return [title, element('p', {}, 'Running …')];
  if (failure)
    return [title, element('p', { class: 'bad' }, 'It cannot be replayed'), element('pre', { tabindex: 0 }, failure)];
  return [
    title,
    element(
      'p',
      { class: same ? undefined : 'bad' },
      same ? `The same: ${calls} calls of the host, and the same response.` : 'It departs.',
    ),
    ...(sameComponent ? [] : [element('p', {}, 'The component is not the one that was recorded.')]),
    ...(same
      ? []
      : [
          element(
            'pre',
            { tabindex: 0 },
            [
              ...departures.map(({ call, message }) => `Call ${call}: ${message}`),
              ...response.map((message) => `Response: ${message}`),
              ...(end === undefined ? [] : [`End: ${end}`]),
            ].join('\n'),
          ),
        ]),
  ];
}

function limitText(value, unit) {
  if (unit === 'milliseconds') return value % 1000 === 0 ? `${value / 1000} s` : `${value} ms`;
  if (unit !== 'bytes') return value.toLocaleString();
  for (const [size, name] of [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
  ])
    if (value % size === 0) return `${value / size} ${name}`;
  return `${value.toLocaleString()} bytes`;
}

// --- Drawing

const pages = { overview, requests: () => requests(false), errors: () => requests(true), components, recordings };

function render() {
  const name = location.hash.slice(1) || 'overview';
  const [, number] = /^request-(\d+)$/.exec(name) ?? [];
  const page = number === undefined ? (pages[name] ?? overview) : () => request(Number(number));
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${name}` || (page === overview && link.hash === '#overview'))
      link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  // What has the keyboard keeps it, though the page is drawn anew.
  const { id, selectionStart } = document.activeElement ?? {};
  main.replaceChildren(...page());
  const focused = id && id !== 'main' ? document.getElementById(id) : undefined;
  focused?.focus();
  if (focused?.type === 'search') focused.setSelectionRange(selectionStart, selectionStart);
}

function redraw() {
  const isMoving = /^#?(overview|requests|errors)?$/.test(location.hash);
  if (isMoving && !state.isPaused) render();
}

addEventListener('hashchange', () => {
  render();
  main.focus();
});

// --- What comes

const source = new EventSource('api/events');
source.addEventListener('open', () => {
  status.textContent = 'Live';
});
source.addEventListener('error', () => {
  status.textContent = 'No connection; trying again …';
});
source.addEventListener('history', ({ data }) => {
  Object.assign(state, JSON.parse(data));
  redraw();
});
source.addEventListener('requests', ({ data }) => {
  const { requests: more, left } = JSON.parse(data);
  state.requests = [...state.requests, ...more].slice(-MOST_ROWS);
  state.left += left;
  if (location.hash !== '' && location.hash !== '#overview') redraw();
});
source.addEventListener('second', ({ data }) => {
  state.seconds = [...state.seconds, JSON.parse(data)].slice(-MOST_SECONDS);
  if (location.hash === '' || location.hash === '#overview') redraw();
});

const response = await fetch('api/app');
state.app = await response.json();
document.querySelector('#app').textContent = `${state.app.name}${state.app.version ? ` ${state.app.version}` : ''}`;
document.querySelector('nav [href="#recordings"]').hidden = !state.app.isRecorded;
document.title = `${state.app.name} · Mayfly`;
render();
