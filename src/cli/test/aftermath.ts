// What an app left behind after a test: keys, rows, requests that it sent, lines that it printed.
import type { OutboundRequest, VirtualData } from '../../runtime/virtual.ts';
import { headerDifferences, isSqlValue, matchesUrl, showRow, textDifference } from './expectations.ts';
import type { After, TestCase } from './test-file.ts';

export interface Sent extends OutboundRequest {
  readonly isAnswered: boolean;
}

interface Aftermath {
  readonly data: VirtualData;
  readonly sent: readonly Sent[];
  readonly output: readonly string[];
}

/** Everything that is not as the test expects it to be afterwards, each in words. */
export async function lookAfter(test: TestCase, aftermath: Aftermath): Promise<string[]> {
  const { after } = test;
  return [
    ...unanswered(aftermath.sent),
    ...timesDifferences(test, aftermath.sent),
    ...(await keyDifferences(after, aftermath)),
    ...(await rowDifferences(after, aftermath)),
    ...requestDifferences(after, aftermath),
    ...outputDifferences(after, aftermath),
  ];
}

async function keyDifferences(after: After, { data }: Aftermath): Promise<string[]> {
  const failures: (string | undefined)[] = [];
  for (const [label, keys] of Object.entries(after.key_value ?? {})) {
    for (const [key, expected] of Object.entries(keys)) {
      const value = await data.valueOf(label, key);
      const what = `the key "${key}" of the store "${label}"`;
      if (value === undefined) failures.push(expected === false ? undefined : `${what} is missing`);
      else if (expected === false) failures.push(`${what} should not be there`);
      else failures.push(textDifference(what, expected, value));
    }
  }
  return failures.filter((text) => text !== undefined);
}

async function rowDifferences(after: After, { data }: Aftermath): Promise<string[]> {
  const failures: string[] = [];
  for (const { database = 'default', query, rows } of after.sqlite ?? []) {
    const found = await data.rows(database, query);
    const isSame =
      found.length === rows.length &&
      found.every(
        (row, at) => row.length === rows[at]?.length && row.every((value, i) => isSqlValue(rows[at]?.[i], value)),
      );
    if (!isSame) {
      const lines = [`expected: ${rows.map(showRow).join(' ')}`, `actual:   ${found.map(showRow).join(' ')}`];
      failures.push(`"${query}" gives other rows\n  ${lines.join('\n  ')}`);
    }
  }
  return failures;
}

function requestDifferences(after: After, { sent }: Aftermath): string[] {
  const failures: (string | undefined)[] = [];
  for (const { times = 1, headers = {}, body, ...wanted } of after.http ?? []) {
    const fit = sent.filter((one) => isFor(one, wanted));
    const what = `${wanted.method ?? 'a request'} to ${wanted.url}`;
    if (fit.length !== times) failures.push(`${what} was sent ${fit.length} times, not ${times}`);
    for (const one of fit) {
      failures.push(...headerDifferences(headers, (name) => one.headers.find(([key]) => key === name)?.[1] ?? null));
      if (body !== undefined) failures.push(textDifference(`the body of ${what}`, body, one.body));
    }
  }
  return failures.filter((text) => text !== undefined);
}

function outputDifferences(after: After, { output }: Aftermath): string[] {
  const failures: string[] = [];
  for (const expected of after.output ?? []) {
    const isThere = output.some(
      (line) => textDifference('', expected, Buffer.from(line.replace(/^.*? \| /, ''))) === undefined,
    );
    if (!isThere) failures.push(`no line was printed that is ${JSON.stringify(expected)}`);
  }
  return failures;
}

function unanswered(sent: readonly Sent[]): string[] {
  return sent
    .filter(({ isAnswered }) => !isAnswered)
    .map(({ method, url }) => `the app sent ${method} ${url}, for which the test has no answer: add it to 'http'`);
}

function timesDifferences({ http }: TestCase, sent: readonly Sent[]): string[] {
  return http.flatMap(({ method, url, times }) => {
    const count = sent.filter((one) => isFor(one, { method, url })).length;
    return times === undefined || count === times ? [] : [`${url} was asked ${count} times, not ${times}`];
  });
}

/** Whether a request is one of those that a test speaks of. */
export function isFor(
  request: OutboundRequest,
  { method, url }: { method?: string | undefined; url: string },
): boolean {
  return (method === undefined || method.toUpperCase() === request.method) && matchesUrl(url, request.url);
}
