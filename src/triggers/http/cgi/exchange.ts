// One request of a command: what it reads on stdin, what it prints as the response, and how it ended.
import { HttpError, type HttpRequest, type HttpResponse } from '../../../host/http-message.ts';
import { Pipe } from '../../../host/wasi/io/pipe.ts';
import { emptyInputStream, sourceInputStream } from '../../../host/wasi/io/source-stream.ts';
import type { WasiState } from '../../../host/wasi/state.ts';
import type { GuestExchange } from '../../../invocation/exchange.ts';
import type { Outcome } from '../../../sandbox/request-context.ts';
import { type CgiRoute, commandLine, metaVariables } from './environment.ts';
import type { CgiBody } from './request-body.ts';
import { readResponse } from './response.ts';

/** The most bytes of the head that a program prints. */
const MAX_HEAD = 65_536;

export interface CgiRequest {
  readonly request: HttpRequest;
  readonly body: CgiBody;
  readonly route: CgiRoute;
  readonly clientAddress: string;
}

export class CgiExchange implements GuestExchange<HttpResponse> {
  /** `run` takes no parameters. */
  readonly params: readonly unknown[] = [];
  readonly response: Promise<HttpResponse>;
  settled: HttpResponse | undefined;
  /** The exit code, where the program ended with something else than success. */
  exitCode = 0;
  readonly #output: Pipe;
  readonly #request: CgiRequest;

  /** `state` is undefined for a component that imports nothing of WASI, and so prints nothing. */
  constructor(state: WasiState | undefined, cgi: CgiRequest) {
    const { request, body, route, clientAddress } = cgi;
    this.#request = cgi;
    this.#output = new Pipe({ endOnClose: false, budget: state?.hostBytes });
    if (state) {
      state.command = {
        arguments: commandLine(route.argv, request.target),
        environment: metaVariables(request, route, clientAddress, body.length),
        stdin: body.source ? sourceInputStream(body.source, state.hostBytes) : emptyInputStream,
        stdout: this.#output,
      };
    }
    this.response = this.#respond();
    // Whoever asked may have gone, and the log has what went wrong.
    this.response.catch(() => {});
  }

  async #respond(): Promise<HttpResponse> {
    try {
      this.settled = await readResponse(this.#output.source(), MAX_HEAD);
      return this.settled;
    } catch (error) {
      if (this.exitCode === 0 || !(error instanceof HttpError)) throw error;
      throw new HttpError(error.code, `${error.message}, and exited with code ${this.exitCode}`);
    }
  }

  /**
   * Ends the exchange. A program that fails after its head was printed is treated like one that succeeds, as by any CGI
   * server.
   */
  end({ error, exitCode }: Outcome): void {
    this.exitCode = exitCode;
    if (error === undefined) this.#output.end();
    else this.#output.fail(error);
    this.#request.body.source?.cancel(error);
  }
}
