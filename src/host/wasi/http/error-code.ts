// wasi:http/types error-code: its cases, and how they correspond to HttpError.
import { bytesOfText } from '../../../component/types/host-byte-budget.ts';
import { messageOf } from '../../../errors.ts';
import { HttpError } from '../../http-message.ts';
import { StreamFailure } from '../io/streams.ts';

export interface DnsErrorPayload {
  readonly rcode: string | undefined;
  readonly infoCode: number | undefined;
}
export interface TlsAlertPayload {
  readonly alertId: number | undefined;
  readonly alertMessage: string | undefined;
}
export interface FieldSizePayload {
  readonly fieldName: string | undefined;
  readonly fieldSize: number | undefined;
}

type Plain =
  | 'DNS-timeout'
  | 'destination-not-found'
  | 'destination-unavailable'
  | 'destination-IP-prohibited'
  | 'destination-IP-unroutable'
  | 'connection-refused'
  | 'connection-terminated'
  | 'connection-timeout'
  | 'connection-read-timeout'
  | 'connection-write-timeout'
  | 'connection-limit-reached'
  | 'TLS-protocol-error'
  | 'TLS-certificate-error'
  | 'HTTP-request-denied'
  | 'HTTP-request-length-required'
  | 'HTTP-request-method-invalid'
  | 'HTTP-request-URI-invalid'
  | 'HTTP-request-URI-too-long'
  | 'HTTP-response-incomplete'
  | 'HTTP-response-timeout'
  | 'HTTP-upgrade-failed'
  | 'HTTP-protocol-error'
  | 'loop-detected'
  | 'configuration-error';
type Sized = 'HTTP-request-body-size' | 'HTTP-response-body-size';
type Section =
  | 'HTTP-request-header-section-size'
  | 'HTTP-request-trailer-section-size'
  | 'HTTP-response-header-section-size'
  | 'HTTP-response-trailer-section-size';
type Field =
  | 'HTTP-request-header-size'
  | 'HTTP-request-trailer-size'
  | 'HTTP-response-header-size'
  | 'HTTP-response-trailer-size';
type Text = 'HTTP-response-transfer-coding' | 'HTTP-response-content-coding' | 'internal-error';

export type ErrorCode =
  | { readonly tag: Plain; readonly val?: undefined }
  | { readonly tag: 'DNS-error'; readonly val: DnsErrorPayload }
  | { readonly tag: 'TLS-alert-received'; readonly val: TlsAlertPayload }
  | { readonly tag: Sized; readonly val: bigint | undefined }
  | { readonly tag: Section; readonly val: number | undefined }
  | { readonly tag: Field; readonly val: FieldSizePayload | undefined }
  | { readonly tag: Text; readonly val: string | undefined };

/** The error code that a guest is told for whatever a host function or a body failed with. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof HttpError) return { tag: error.code, val: error.detail } as ErrorCode;
  if (error instanceof StreamFailure && error.httpError !== undefined) return error.httpError as ErrorCode;
  return { tag: 'internal-error', val: messageOf(error) };
}

export function httpErrorOf(code: ErrorCode, message: string = describe(code)): HttpError {
  return new HttpError(code.tag, message, code.val);
}

function describe(code: ErrorCode): string {
  return code.tag === 'internal-error' && code.val !== undefined ? `internal-error: ${code.val}` : code.tag;
}

/** Bytes of the texts in an error that a guest has made; they may be as long as it likes. */
export function bytesOfError({ val }: ErrorCode): number {
  if (typeof val === 'string') return bytesOfText(val);
  if (typeof val !== 'object') return 0;
  return Object.values(val).reduce((sum: number, one) => sum + (typeof one === 'string' ? bytesOfText(one) : 0), 0);
}
