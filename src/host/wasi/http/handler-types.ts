// The types of the functions that the host calls, as printFuncType of types/print.ts writes them.
import signatures from '../signatures-0.2.json' with { type: 'json' };
import signatures03 from '../signatures-0.3.json' with { type: 'json' };

/** `handle` of wasi:http/incoming-handler@0.2 and of its release candidates. */
export const INCOMING_HANDLER_TYPE: string = signatures['wasi:http/incoming-handler'].handle;

/** `handle` of mayfly:script/http, which engines for scripts export: that of 0.2, of an engine with an event loop. */
export const SCRIPT_HANDLER_TYPE: string = `async ${INCOMING_HANDLER_TYPE}`;

/** `handle` of wasi:http/handler@0.3 and of its release candidate. */
export const HANDLER_TYPE: string = signatures03['wasi:http/handler'].handle;

/** `run` of wasi:cli/run@0.2 and of its release candidates. */
export const RUN_TYPE: string = signatures['wasi:cli/run'].run;

/** `run` of wasi:cli/run@0.3 and of its release candidate. */
export const RUN_TYPE_03: string = signatures03['wasi:cli/run'].run;
