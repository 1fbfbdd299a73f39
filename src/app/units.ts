// Sizes and durations as people write them in a manifest: `64MiB`, `100ms`, `5s`.

const sizes: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const durations: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, h: 3600e3 };

/** The size in bytes; undefined when the text is no size. A bare number counts bytes. */
export function parseSize(value: string | number): number | undefined {
  const bytes = parse(String(value), sizes);
  return bytes === undefined || !Number.isSafeInteger(bytes) ? undefined : bytes;
}

/** The duration in milliseconds; undefined when the text is no duration. A unit must be given. */
export function parseDuration(value: string): number | undefined {
  return parse(value, durations);
}

function parse(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?([A-Za-z]*)$/.exec(text);
  const factor = match && Object.hasOwn(units, match[2]!) ? units[match[2]!] : undefined;
  return factor === undefined ? undefined : Number(match![1]) * factor;
}
