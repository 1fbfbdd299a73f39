// What a client expects before it sends a body. RFC 9110, 10.1.1.

/** The elements of a list; empty ones mean nothing. RFC 9110, 5.6.1. */
export function itemsOf(list: string): string[] {
  const items = list.split(',').map((item) => item.trim().toLowerCase());
  return items.filter((item) => item !== '');
}

export function expectationOf(expect: string): 'nothing' | 'continue' | 'unknown' {
  const expectations = itemsOf(expect);
  if (expectations.length === 0) return 'nothing';
  return expectations.every((item) => item === '100-continue') ? 'continue' : 'unknown';
}
