// Reports static responses that could not be sent, or not as written.
import type { KeyPath } from '../../../toml/positions.ts';
import { asTable, asText, type Table, type TriggerEntry, textEntriesOf } from '../../document.ts';
import type { Problems } from '../../problems.ts';

/** Headers that belong to the connection and to the framing of the body, which the host sets. */
const hosts = ['connection', 'keep-alive', 'proxy-connection', 'trailer', 'transfer-encoding', 'upgrade'];

export function checkStaticResponses(triggers: readonly TriggerEntry[], problems: Problems): void {
  for (const { path, table } of triggers) {
    const response = asTable(table.static_response);
    if (response) checkResponse(response, [...path, 'static_response'], problems);
  }
}

function checkResponse(response: Table, path: KeyPath, problems: Problems): void {
  const { status_code: status = 200, body } = response;
  if (typeof status === 'number' && Number.isInteger(status) && (status < 200 || status > 599)) {
    problems.add('manifest-value', [...path, 'status_code'], `${status} is no status that a response can have`, {
      hint: 'Write a number from 200 to 599',
    });
  }
  const length = Buffer.byteLength(asText(body) ?? '');
  for (const [name, value] of textEntriesOf(response.headers)) {
    const fault = headerFault(name, value, length);
    if (!fault) continue;
    problems.add('manifest-value', [...path, 'headers', name], `The header "${name}" ${fault.message}`, {
      at: fault.at,
      hint: fault.hint,
    });
  }
}

interface Fault {
  readonly message: string;
  readonly hint: string;
  readonly at: 'key' | 'value';
}

function headerFault(name: string, value: string, length: number): Fault | undefined {
  if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
    return {
      message: 'has a name that no header can have',
      hint: 'Names are letters and digits of ASCII, joined by -',
      at: 'key',
    };
  }
  if (!/^[\t\x20-\x7e\u{80}-\u{10ffff}]*$/u.test(value)) {
    return { message: 'has a control character in its value', hint: 'Values are one line of text', at: 'value' };
  }
  const key = name.toLowerCase();
  if (hosts.includes(key)) return { message: 'is set by the host', hint: 'Remove it', at: 'key' };
  if (key !== 'content-length' || value === String(length)) return undefined;
  return { message: `says ${value}, and the body has ${length} bytes`, hint: 'Remove it', at: 'value' };
}
