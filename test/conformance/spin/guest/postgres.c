// The component of PostgreSQL: a row that is there, and one that it inserts, in a table for each group of types. The
// tables are made by spin.test.ts.
#include "conformance.h"

#define PG "spin:postgres/postgres@4.0.0#"
#define COLUMN(name, type) "{name: \"" name "\", data-type: " type "}"

/** Inserts with these parameters, and then expects these two rows. */
static void round_trip(const char *table, const char *columns, const char *marks, const char *given, const char *rows) {
  gives(mayfly_format(PG "execute(c, \"INSERT INTO %s (id, %s) VALUES (2, %s)\", [%s])", table, columns, marks, given),
        "ok(1)");
  if (has_failed()) return;
  mayfly_string line = mayfly_format(PG "query(c, \"SELECT %s FROM %s ORDER BY id\", [])", columns, table);
  mayfly_string got = run(line);
  // Columns come first, and are what the driver says; the rows are what counts.
  const char *found = strstr(mayfly_c_string(got), "rows: ");
  if (found == NULL || strcmp(found + 6, rows) != 0)
    fail(mayfly_format("%s gives %.*s, not %s", table, (int)got.length, got.data, rows));
}

void postgres(mayfly_request *request) {
  mayfly_string address = header(request, "pg_connection_string");
  gives(mayfly_format("c = " PG "open(\"%.*s\")", (int)address.length, address.data), "ok(connection)");
  round_trip("numbers", "a, b, c, d, e, f", "$1, $2, $3, $4, $5, $6",
             "int16(13), int32(15), int64(17), floating32(19.25), floating64(20.5), decimal(\"123456789.123456789\")",
             "[[int16(1), int32(3), int64(5), floating32(7.75), floating64(9.125), decimal(\"0.123456789\")], "
             "[int16(13), int32(15), int64(17), floating32(19.25), floating64(20.5), decimal(\"123456789.123456789\")]]})");
  round_trip("texts", "a, b, c", "$1, $2, $3", "str(\"varchar2\"), str(\"text2\"), str(\"char2\")",
             "[[str(\"varchar\"), str(\"text\"), str(\"char      \")], "
             "[str(\"varchar2\"), str(\"text2\"), str(\"char2     \")]]})");
  round_trip("times", "a, b, c, d", "$1, $2, $3, $4",
             "date((1901, 1, 2)), time((14, 15, 16, 17000000)), datetime((1999, 7, 12, 4, 3, 2, 1000000)), "
             "interval({micros: 123456, days: 10, months: 200})",
             "[[date((2525, 12, 25)), time((4, 5, 6, 789000000)), datetime((1989, 11, 24, 1, 2, 3, 0)), "
             "interval({micros: 14706700000, days: 3, months: 14})], "
             "[date((1901, 1, 2)), time((14, 15, 16, 17000000)), datetime((1999, 7, 12, 4, 3, 2, 1000000)), "
             "interval({micros: 123456, days: 10, months: 200})]]})");
  round_trip("documents", "a", "$1", "jsonb(\"{\\\"n\\\":234,\\\"x\\\":null}\")",
             "[[jsonb(\"{\\\"n\\\": 123, \\\"x\\\": null}\")], [jsonb(\"{\\\"n\\\": 234, \\\"x\\\": null}\")]]})");
  round_trip("ids", "a", "$1", "uuid(\"fedcba98-fedc-fedc-fedc-fedcba987654\")",
             "[[uuid(\"12345678-1234-1234-1234-123456789abc\")], [uuid(\"fedcba98-fedc-fedc-fedc-fedcba987654\")]]})");
  round_trip("nothings", "a", "$1", "db-null", "[[db-null], [db-null]]})");
  round_trip("ranges", "a, b, c", "$1, $2, $3",
             "range-int32((some((30, exclusive)), some((12341234, exclusive)))), "
             "range-int64((some((123123123123, inclusive)), none)), "
             "range-decimal((some((\"1234.56\", exclusive)), some((\"456789012345.789123\", inclusive))))",
             "[[range-int32((some((2, inclusive)), some((41, exclusive)))), "
             "range-int64((some((123456789012, inclusive)), some((234567890123, exclusive)))), "
             "range-decimal((none, some((\"100\", exclusive))))], "
             "[range-int32((some((31, inclusive)), some((12341234, exclusive)))), "
             "range-int64((some((123123123123, inclusive)), none)), "
             "range-decimal((some((\"1234.56\", exclusive)), some((\"456789012345.789123\", inclusive))))]]})");
  round_trip("arrays", "a, b, c, d", "$1, $2, $3, $4",
             "array-int32([some(1), some(123), none]), array-int64([some(40000000000000), some(-1)]), "
             "array-decimal([some(\"100\"), some(\"200.123456789\")]), array-str([some(\"alice\"), none, some(\"carol\")])",
             "[[array-int32([some(1), some(2), some(3)]), array-int64([some(101), some(102)]), "
             "array-decimal([some(\"1.234\"), some(\"2.345\")]), array-str([some(\"hello\"), some(\"mum\")])], "
             "[array-int32([some(1), some(123), none]), array-int64([some(40000000000000), some(-1)]), "
             "array-decimal([some(\"100\"), some(\"200.123456789\")]), "
             "array-str([some(\"alice\"), none, some(\"carol\")])]]})");
  GIVES(PG "query(c, \"SELECT id FROM ranges WHERE $1::int4 <@ a\", [int32(30)])",
        "ok({columns: [" COLUMN("id", "int32") "], rows: [[int32(1)]]})");
  GIVES(PG "query(c, \"SELECT id FROM arrays WHERE array_position(a, $1) IS NOT NULL ORDER BY id\", [int32(1)])",
        "ok({columns: [" COLUMN("id", "int32") "], rows: [[int32(1)], [int32(2)]]})");
  mayfly_string line = mayfly_text(PG "query(c, \"SELECT pg_backend_pid()\", [])");
  mayfly_string first = mayfly_format("%s", mayfly_c_string(run(line)));
  gives(line, mayfly_c_string(first));
}
