// A log that also keeps the last lines of each request, for the page that a developer sees when one fails.
import type { Logger } from './log.ts';
import { relayedLog } from './relayed-log.ts';

export interface RecordedLine {
  /** The name of the event, as docs/log.md has it. */
  readonly event: string;
  readonly text: string;
}

/** Requests that are remembered, and what of each: guests write the lines. */
const MOST_REQUESTS = 64;
const MOST_LINES = 200;
const MOST_CHARACTERS = 65_536;

interface Recorded {
  readonly lines: RecordedLine[];
  characters: number;
}

export class RecordedLines {
  /** Hands everything on to the log that was given. */
  readonly log: Logger;
  readonly #requests = new Map<string, Recorded>();

  constructor(log: Logger) {
    this.log = this.#recording(log, undefined);
  }

  /** The lines of a request, the oldest first. */
  of(requestId: string): readonly RecordedLine[] {
    return this.#requests.get(requestId)?.lines ?? [];
  }

  #recording(log: Logger, ofParent: string | undefined): Logger {
    return relayedLog(
      log,
      (given) => {
        this.#note(given, ofParent);
        return given;
      },
      (bindings) => this.#recording(log.child(bindings), requestOf(bindings) ?? ofParent),
    );
  }

  #note([fields, text]: readonly unknown[], ofParent: string | undefined): void {
    const id = requestOf(fields) ?? ofParent;
    const { event } = Object(fields) as { readonly event?: unknown };
    if (id === undefined || typeof event !== 'string' || typeof text !== 'string') return;
    const recorded = this.#requests.get(id) ?? { lines: [], characters: 0 };
    recorded.characters += text.length;
    if (recorded.lines.length < MOST_LINES && recorded.characters <= MOST_CHARACTERS)
      recorded.lines.push({ event, text });
    if (this.#requests.has(id)) return;
    this.#requests.set(id, recorded);
    const [oldest] = this.#requests.keys();
    if (this.#requests.size > MOST_REQUESTS && oldest !== undefined) this.#requests.delete(oldest);
  }
}

function requestOf(fields: unknown): string | undefined {
  const { requestId } = Object(fields) as { readonly requestId?: unknown };
  return typeof requestId === 'string' ? requestId : undefined;
}
