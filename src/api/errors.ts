import type { Status, StatusCause, StatusDetails } from './types/meta.v1.ts';

/** A failure with the Status object that clients see. Shapes and texts follow apimachinery pkg/api/errors. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'unknown error');
    this.name = 'StatusError';
    this.status = status;
  }

  get code(): number {
    return this.status.code ?? 500;
  }

  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** One complaint about one field, as apimachinery's field.Error. */
export interface FieldError {
  readonly type: 'FieldValueRequired' | 'FieldValueInvalid' | 'FieldValueDuplicate' | 'FieldValueNotSupported' | 'FieldValueForbidden' | 'FieldValueTooLong' | 'FieldValueTooMany' | 'FieldValueNotFound' | 'InternalError' | 'FieldValueTypeInvalid';
  /** `spec.containers[0].name` */
  readonly field: string;
  /** The full text after the field: `Invalid value: "A_b": a lowercase RFC 1123 label must …`. */
  readonly detail: string;
}

const failure = (code: number, reason: string, message: string, details?: StatusDetails): StatusError =>
  new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details && { details }), code });

/** Where an error is about: the plural resource and its group. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
}

const qualified = (subject: Subject) => (subject.group === '' ? subject.plural : `${subject.plural}.${subject.group}`);
const about = (subject: Subject, name: string): StatusDetails => ({ ...(name !== '' && { name }), ...(subject.group !== '' && { group: subject.group }), kind: subject.plural });

export const notFound = (subject: Subject, name: string) => failure(404, 'NotFound', `${qualified(subject)} "${name}" not found`, about(subject, name));
export const alreadyExists = (subject: Subject, name: string) => failure(409, 'AlreadyExists', `${qualified(subject)} "${name}" already exists`, about(subject, name));
export const conflict = (subject: Subject, name: string, cause: string) =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${cause}`, about(subject, name));
export const modified = (subject: Subject, name: string) => conflict(subject, name, 'the object has been modified; please apply your changes to the latest version and try again');
export const forbidden = (subject: Subject, name: string, why: string) =>
  failure(403, 'Forbidden', name === '' ? `${qualified(subject)} is forbidden: ${why}` : `${qualified(subject)} "${name}" is forbidden: ${why}`, about(subject, name));
export const badRequest = (message: string) => failure(400, 'BadRequest', message);
export const unauthorized = (message = 'Unauthorized') => failure(401, 'Unauthorized', message);
export const methodNotSupported = (subject: Subject, action: string) => failure(405, 'MethodNotAllowed', `${action} is not supported on resources of kind "${qualified(subject)}"`, { ...about(subject, '') });
export const notAcceptable = (message: string) => failure(406, 'NotAcceptable', message);
export const unsupportedMediaType = (message: string) => failure(415, 'UnsupportedMediaType', message);
export const tooLarge = (message: string) => failure(413, 'RequestEntityTooLarge', message);
export const expired = (message: string) => failure(410, 'Expired', message);
export const gone = (message: string) => failure(410, 'Gone', message);
export const internal = (message: string) => failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
export const serviceUnavailable = (message: string) => failure(503, 'ServiceUnavailable', message);
export const timeout = (message: string, retryAfterSeconds?: number) => failure(504, 'Timeout', message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
export const tooManyRequests = (message: string, retryAfterSeconds: number, causes: StatusCause[] = []) =>
  failure(429, 'TooManyRequests', message, { ...(causes.length > 0 && { causes }), ...(retryAfterSeconds > 0 && { retryAfterSeconds }) });

/** 422 with every complaint, grouped as upstream prints them: one bare, several in brackets. */
export function invalid(kind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): StatusError {
  const texts = [...new Set(errors.map((e) => `${e.field}: ${e.detail}`))];
  const shown = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const title = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  return failure(422, 'Invalid', `${title} "${name}" is invalid: ${shown}`, {
    ...(name !== '' && { name }),
    ...(kind.group !== '' && { group: kind.group }),
    ...(kind.kind !== '' && { kind: kind.kind }),
    causes: errors.map((e) => ({ reason: e.type, message: e.detail, field: e.field })),
  });
}

/** Whether a create was refused because its namespace is ending: every other one will be too, and nobody needs to hear of it. */
export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof StatusError && (error.status.details?.causes ?? []).some((cause) => cause.reason === 'NamespaceTerminating');
}

/** Whether this is a StatusError with the given reason (`NotFound`, `Conflict`, …). */
export function isReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}
