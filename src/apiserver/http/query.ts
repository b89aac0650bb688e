import { badRequest, invalid } from '../../api/errors.ts';
import type { FieldError } from '../../api/errors.ts';
import type { WatchParams } from '../registry/watch.ts';

/** Query parameters with Go's conversions, and Go's words when they fail. */
export class Query {
  readonly #params: URLSearchParams | undefined;

  constructor(text: string) {
    this.#params = text === '' ? undefined : new URLSearchParams(text);
  }

  get(name: string): string | undefined {
    return this.#params?.get(name) ?? undefined;
  }

  all(name: string): readonly string[] {
    return this.#params?.getAll(name) ?? [];
  }

  /** '', 0 and false (in any case) are false, anything else is true (apimachinery Convert_Slice_string_To_bool); undefined when absent. */
  bool(name: string): boolean | undefined {
    const text = this.get(name);
    return text === undefined ? undefined : !['', '0', 'false'].includes(text.toLowerCase());
  }

  int(name: string): number | undefined {
    const text = this.get(name);
    if (text === undefined || text === '') return undefined;
    if (!/^[-+]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
    return value;
  }
}

export const noQuery = new Query('');

/** The parameters of list and watch. */
export function listParams(query: Query): WatchParams & { labelSelector?: string; fieldSelector?: string } {
  if (query === noQuery) return {};
  const defined: Record<string, unknown> = {
    labelSelector: query.get('labelSelector'),
    fieldSelector: query.get('fieldSelector'),
    resourceVersion: query.get('resourceVersion'),
    resourceVersionMatch: query.get('resourceVersionMatch'),
    continue: query.get('continue'),
    limit: query.int('limit'),
    timeoutSeconds: query.int('timeoutSeconds'),
    sendInitialEvents: query.bool('sendInitialEvents'),
    allowWatchBookmarks: query.bool('allowWatchBookmarks'),
  };
  for (const name of Object.keys(defined)) if (defined[name] === undefined) delete defined[name];
  if (typeof defined['limit'] === 'number' && defined['limit'] < 0) throw badRequest('limit must not be negative');
  if (typeof defined['timeoutSeconds'] === 'number' && defined['timeoutSeconds'] < 0) defined['timeoutSeconds'] = 0;
  return defined;
}

/** How a write is to be made. */
export interface WriteParams {
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  readonly force: boolean;
}

/** The parameters of create, update and patch. `options` is the upstream name of the options type for errors (`CreateOptions`). Throws Invalid. */
export function writeParams(query: Query, options: string, userAgent: string): WriteParams {
  const errors: FieldError[] = [];
  const dryRun = query.all('dryRun');
  if (dryRun.some((value) => value !== 'All')) errors.push({ type: 'FieldValueNotSupported', field: 'dryRun', detail: `Unsupported value: []string{${dryRun.map((value) => JSON.stringify(value)).join(', ')}}: supported values: "All"` });
  const manager = query.get('fieldManager') ?? '';
  if (manager.length > 128) errors.push({ type: 'FieldValueTooLong', field: 'fieldManager', detail: 'Too long: may not be more than 128 bytes' });
  const odd = [...manager].findIndex((character) => /[\p{C}\p{Zl}\p{Zp}]/u.test(character));
  if (odd >= 0) errors.push({ type: 'FieldValueInvalid', field: 'fieldManager', detail: `Invalid value: ${JSON.stringify(manager)}: invalid character U+${[...manager][odd]!.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')} (at position ${odd})` });
  const validation = query.get('fieldValidation') || 'Warn';
  if (validation !== 'Ignore' && validation !== 'Warn' && validation !== 'Strict') {
    errors.push({ type: 'FieldValueNotSupported', field: 'fieldValidation', detail: `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"` });
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: options }, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager || managerOf(userAgent),
    fieldValidation: validation as WriteParams['fieldValidation'],
    force: query.bool('force') ?? false,
  };
}

/** The manager of a client that names none: its user agent up to the first slash (handlers.managerOrUserAgent). */
export function managerOf(userAgent: string): string {
  return (userAgent.split('/')[0] ?? '').slice(0, 128) || 'unknown';
}
