import { StatusError, badRequest, expired, invalid, timeout } from '../../api/errors.ts';
import type { FieldError } from '../../api/errors.ts';
import type { Store } from '../../store/store.ts';
import type { Clock } from '../../base/clock.ts';

/** Which revision a list is to show. */
export interface ListParams {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly watch?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly allowWatchBookmarks?: boolean;
}

/** A resourceVersion as a number; '' and '0' are 0. Throws BadRequest in Go's words. */
export function parseRevision(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return value;
}

/** Which parameters may stand together (apimachinery apis/meta/internalversion/validation). */
export function validateListParams(params: ListParams): void {
  const { resourceVersion = '', resourceVersionMatch: match = '', sendInitialEvents, watch } = params;
  const errors: FieldError[] = [];
  const forbidden = (field: string, detail: string) => errors.push({ type: 'FieldValueForbidden', field, detail: `Forbidden: ${detail}` });
  const matchIsInvalid = match !== '' && match !== 'Exact' && match !== 'NotOlderThan';
  if (watch && sendInitialEvents !== undefined) {
    if (match !== 'NotOlderThan') forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
    if (!params.allowWatchBookmarks && sendInitialEvents) forbidden('allowWatchBookmarks', 'sendInitialEvents requires setting allowWatchBookmarks to true');
  } else if (watch) {
    if (match !== '') forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  } else {
    if (sendInitialEvents !== undefined) forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list');
    if (match !== '') {
      if (resourceVersion === '') forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided');
      if (params.continue) forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided');
      if (matchIsInvalid) errors.push({ type: 'FieldValueNotSupported', field: 'resourceVersionMatch', detail: `Unsupported value: ${JSON.stringify(match)}: supported values: "Exact", "NotOlderThan", ""` });
      if (match === 'Exact' && resourceVersion === '0') forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
    }
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

/** Waits a little for a revision that has not happened yet, then gives up as upstream does (storage/errors.go NewTooLargeResourceVersionError). */
export async function waitForRevision(store: Store, clock: Clock, revision: number): Promise<void> {
  const deadline = clock.monotonic() + 3_000;
  while (store.revision < revision) {
    if (clock.monotonic() >= deadline) throw tooLarge(revision, store.revision);
    await clock.sleep(100);
  }
}

function tooLarge(revision: number, current: number): StatusError {
  const error = timeout(`Timeout: Too large resource version: ${revision}, current: ${current}`, 1);
  return new StatusError({ ...error.status, details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 } });
}

/** Where a paged list goes on: the revision it shows, and the last key that was sent. */
export interface Continue {
  /** -1 = newest, after the first page's revision expired. */
  readonly revision: number;
  readonly after: string;
}

export function encodeContinue(at: Continue): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: at.revision, start: at.after })).toString('base64url');
}

/** Reads a token back; `prefix` guards against a token of another resource. Throws BadRequest. */
export function decodeContinue(token: string, prefix: string): Continue {
  const bad = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  if (!/^[A-Za-z0-9_-]+$/.test(token)) throw bad('illegal base64 data');
  const text = Buffer.from(token, 'base64url').toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad(`invalid character ${goQuote(text)} looking for beginning of value`);
  }
  const { v, rv, start } = (value ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== 'meta.k8s.io/v1') throw bad('server does not recognize this encoded version "meta.k8s.io/v1"');
  if (typeof rv !== 'number' || !Number.isSafeInteger(rv) || rv < -1 || rv === 0) throw bad('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (typeof start !== 'string' || !start.startsWith(prefix)) throw bad('encoded start key empty (version meta.k8s.io/v1)');
  return { revision: rv, after: start };
}

function goQuote(text: string): string {
  return `'${text.slice(0, 1)}'`;
}

/** A page was asked for whose revision is gone; the token lets the client go on without consistency (storage/etcd3/errors.go). */
export function expiredContinue(after: string): StatusError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  return new StatusError({ ...error.status, metadata: { continue: encodeContinue({ revision: -1, after }) } });
}
