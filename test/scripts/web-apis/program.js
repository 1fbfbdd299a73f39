// Runs the rows of docs/web-apis.md, in whatever runtime it is: by `run`, or by requests.
import { cryptography } from './crypto.js';
import { http } from './http.js';
import { intl, language } from './language.js';
import { platform, urls } from './platform.js';
import { streams } from './streams.js';

const groups = {
  'Requests, answers, files': http,
  'Streams and encodings': streams,
  URLs: urls,
  Cryptography: cryptography,
  'Timers, events, messages and other globals': platform,
  'Languages of people': intl,
  JavaScript: language,
};

/** The checks: { group, row, check } each. */
export const list = () =>
  Object.entries(groups).flatMap(([group, rows]) =>
    Object.entries(rows).flatMap(([row, checks]) => checks.map(([check]) => ({ group, row, check }))),
  );

/** What a check finds: `ok`, or what came instead. Throws what the check throws. */
export async function run({ group, row, check }, base) {
  const [, work, expected] = groups[group][row].find(([name]) => name === check);
  const got = JSON.stringify(await work({ base }));
  return got === JSON.stringify(expected) ? { ok: true } : { got };
}

export default {
  async fetch(request) {
    const asked = new URL(request.url).searchParams.get('check');
    if (asked === null) return Response.json(list());
    const { check, base } = JSON.parse(asked);
    return Response.json(await run(check, base).catch((error) => ({ error: String(error) })));
  },
};
