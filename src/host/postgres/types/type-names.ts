// The types of PostgreSQL that this service knows by their OIDs, which are the same on every server.
// https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat

/** By the names of the catalogue. */
export const oids = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  xml: 142,
  float4: 700,
  float8: 701,
  unknown: 705,
  money: 790,
  inet: 869,
  _bool: 1000,
  _int2: 1005,
  _int4: 1007,
  _text: 1009,
  _bpchar: 1014,
  _varchar: 1015,
  _int8: 1016,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  _numeric: 1231,
  timetz: 1266,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
  int4range: 3904,
  numrange: 3906,
  daterange: 3912,
  int8range: 3926,
} as const;

export type KnownType = keyof typeof oids;

const names = new Map<number, KnownType>(Object.entries(oids).map(([name, oid]) => [oid, name as KnownType]));

export function knownType(oid: number): KnownType | undefined {
  return names.get(oid);
}

const rustNames: Readonly<Record<string, string>> = {
  int4range: 'Int4Range',
  int8range: 'Int8Range',
  numrange: 'NumRange',
};

/** As Debug of tokio-postgres writes a type of the catalogue: `Int8`, `TextArray`. */
export function debugName(name: string): string {
  if (Object.hasOwn(rustNames, name)) return rustNames[name]!;
  const element = name.replace(/^_/, '');
  const word = element.charAt(0).toUpperCase() + element.slice(1);
  return element === name ? word : `${word}Array`;
}
