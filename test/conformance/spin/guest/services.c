// The components of the services: key-value, SQLite, variables, Redis, MQTT.
#include "conformance.h"

#define KV "fermyon:spin/key-value@2.0.0#"

void key_value(void) {
  GIVES(KV "open(\"forbidden\")", "err(access-denied)");
  GIVES("s = " KV "open(\"default\")", "ok(store)");
  GIVES(KV "delete(s, \"bar\")", "ok");
  GIVES(KV "exists(s, \"bar\")", "ok(false)");
  GIVES(KV "get(s, \"bar\")", "ok(none)");
  GIVES(KV "get-keys(s)", "ok([])");
  const char *values[] = {"baz", "wow"};
  for (int turn = 0; turn < 2; turn++) {
    gives(mayfly_format(KV "set(s, \"bar\", \"%s\")", values[turn]), "ok");
    GIVES(KV "exists(s, \"bar\")", "ok(true)");
    gives(mayfly_text(KV "get(s, \"bar\")"), turn ? "ok(some(\"wow\"))" : "ok(some(\"baz\"))");
    GIVES(KV "get-keys(s)", "ok([\"bar\"])");
  }
  GIVES(KV "set(s, \"qux\", \"yay\")", "ok");
  GIVES(KV "get-keys(s)", "ok([\"bar\", \"qux\"])");
  GIVES(KV "delete(s, \"bar\")", "ok");
  GIVES(KV "delete(s, \"bar\")", "ok");
  GIVES(KV "delete(s, \"qux\")", "ok");
  GIVES(KV "exists(s, \"bar\")", "ok(false)");
  GIVES(KV "get(s, \"qux\")", "ok(none)");
  GIVES(KV "get-keys(s)", "ok([])");
}

#define SQLITE "fermyon:spin/sqlite@2.0.0#"

void sqlite(void) {
  GIVES(SQLITE "open(\"forbidden\")", "err(access-denied)");
  GIVES("c = " SQLITE "open(\"default\")", "ok(connection)");
  GIVES(SQLITE "execute(c, \"CREATE TABLE IF NOT EXISTS test_data(key TEXT NOT NULL, value TEXT NOT NULL);\", [])",
        "ok({columns: [], rows: []})");
  GIVES(SQLITE "execute(c, \"INSERT INTO test_data(key, value) VALUES('my_key', 'my_value');\", [])",
        "ok({columns: [], rows: []})");
  GIVES(SQLITE "execute(c, \"SELECT * FROM test_data WHERE key = ?\", [text(\"my_key\")])",
        "ok({columns: [\"key\", \"value\"], rows: [{values: [text(\"my_key\"), text(\"my_value\")]}]})");
}

#define VARIABLES "fermyon:spin/variables@2.0.0#"

void variables(void) {
  GIVES(VARIABLES "get(\"variable\")", "ok(\"value\")");
  begins(VARIABLES "get(\"non_existent\")", "err(undefined(");
  begins(VARIABLES "get(\"invalid-name\")", "err(invalid-name(");
  begins(VARIABLES "get(\"invalid!name\")", "err(invalid-name(");
  begins(VARIABLES "get(\"4invalidname\")", "err(invalid-name(");
}

#define REDIS "fermyon:spin/redis@2.0.0#"

void redis(mayfly_request *request) {
  mayfly_string address = header(request, "redis_address");
  gives(mayfly_format("c = " REDIS "open(\"%.*s\")", (int)address.length, address.data), "ok(connection)");
  GIVES(REDIS "set(c, \"spin-example-get-set\", \"Eureka!\")", "ok");
  GIVES(REDIS "get(c, \"spin-example-get-set\")", "ok(some(\"Eureka!\"))");
  GIVES(REDIS "set(c, \"spin-example-incr\", \"0\")", "ok");
  GIVES(REDIS "incr(c, \"spin-example-incr\")", "ok(1)");
  GIVES(REDIS "del(c, [\"spin-example-get-set\", \"spin-example-incr\"])", "ok(2)");
  GIVES(REDIS "execute(c, \"set\", [binary(\"spin-example\"), binary(\"Eureka!\")])", "ok([status(\"OK\")])");
  GIVES(REDIS "execute(c, \"append\", [binary(\"spin-example\"), binary(\" I've got it!\")])", "ok([int64(20)])");
  GIVES(REDIS "execute(c, \"get\", [binary(\"spin-example\")])", "ok([binary(\"Eureka! I've got it!\")])");
}

#define MQTT "fermyon:spin/mqtt@2.0.0#"

void mqtt(mayfly_request *request) {
  mayfly_string address = header(request, "mqtt_address"), user = header(request, "mqtt_username");
  mayfly_string password = header(request, "mqtt_password");
  gives(mayfly_format("c = " MQTT "open(\"%.*s\", \"%.*s\", \"%.*s\", 30)", (int)address.length, address.data,
                      (int)user.length, user.data, (int)password.length, password.data),
        "ok(connection)");
  GIVES(MQTT "publish(c, \"telemetry-topic\", \"Eureka!\", at-least-once)", "ok");
}
