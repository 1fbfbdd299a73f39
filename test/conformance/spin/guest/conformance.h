// What the components of Spin's conformance tests have in common: lines that are run (test/guests/calls/run.c), and the
// first of them that gives something else, which ends the request with 500.
#ifndef CONFORMANCE_H
#define CONFORMANCE_H

#include "calls.h"
#include "route.h"

/** The line gives exactly that. */
void gives(mayfly_string line, const char *wanted);
#define GIVES(line, wanted) gives(mayfly_text(line), wanted)
/** What the line gives begins like that. */
void begins(const char *line, const char *wanted);
mayfly_string run(mayfly_string line);
bool starts(mayfly_string text, const char *with);
/** Ends the request with this body; nothing is run any more. */
void fail(mayfly_string text);
bool has_failed(void);
/** `err(access-denied)` → `Error::AccessDenied`, as the components of the tests print their errors. */
mayfly_string rust_error(mayfly_string given);
/** A header of the request; without it the request fails. */
mayfly_string header(mayfly_request *request, const char *name);

void key_value(void), sqlite(void), variables(void), redis(mayfly_request *request), mqtt(mayfly_request *request);
void postgres(mayfly_request *request), tcp(mayfly_request *request), request_shape(mayfly_request *request);
void http(mayfly_request *request, mayfly_response *response);

#endif
