import { badRequest, invalid } from '../../api/errors.ts';
import type { FieldError } from '../../api/errors.ts';
import { isObject } from '../../api/json.ts';
import type { DeleteParams } from '../registry/delete.ts';
import type { Query } from './query.ts';

/** DeleteOptions from the body, or from the query when there is none. Throws BadRequest or Invalid. */
export function deleteOptions(body: Record<string, unknown> | undefined, query: Query): DeleteParams & { dryRun: boolean } {
  const source = body ?? fromQuery(query);
  const errors: FieldError[] = [];
  const { gracePeriodSeconds: grace, propagationPolicy: policy, orphanDependents: orphan, preconditions, dryRun } = source;
  const wrong = (field: string, type: string) => badRequest(`json: cannot unmarshal into Go struct field DeleteOptions.${field} of type ${type}`);
  if (grace !== undefined && grace !== null && (typeof grace !== 'number' || !Number.isInteger(grace))) throw wrong('gracePeriodSeconds', 'int64');
  if (orphan !== undefined && orphan !== null && typeof orphan !== 'boolean') throw wrong('orphanDependents', 'bool');
  if (preconditions !== undefined && preconditions !== null && !isObject(preconditions)) throw wrong('preconditions', 'v1.Preconditions');
  if (dryRun !== undefined && dryRun !== null && !Array.isArray(dryRun)) throw wrong('dryRun', '[]string');
  if (policy !== undefined && policy !== null) {
    if (orphan !== undefined && orphan !== null) errors.push({ type: 'FieldValueInvalid', field: 'propagationPolicy', detail: `Invalid value: ${JSON.stringify(policy)}: orphanDependents and deletionPropagation cannot be both set` });
    if (!['Background', 'Foreground', 'Orphan', ''].includes(String(policy))) {
      errors.push({ type: 'FieldValueNotSupported', field: 'propagationPolicy', detail: `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"` });
    }
  }
  const dry = (dryRun ?? []) as unknown[];
  if (dry.some((value) => value !== 'All')) errors.push({ type: 'FieldValueNotSupported', field: 'dryRun', detail: `Unsupported value: []string{${dry.map((value) => JSON.stringify(value)).join(', ')}}: supported values: "All"` });
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const conditions = (preconditions ?? {}) as Record<string, unknown>;
  return {
    ...(typeof grace === 'number' && { gracePeriodSeconds: Math.max(grace, grace < 0 ? 1 : 0) }),
    ...(typeof policy === 'string' && policy !== '' && { propagationPolicy: policy }),
    ...(typeof orphan === 'boolean' && { orphanDependents: orphan }),
    preconditions: {
      ...(typeof conditions['uid'] === 'string' && { uid: conditions['uid'] }),
      ...(typeof conditions['resourceVersion'] === 'string' && { resourceVersion: conditions['resourceVersion'] }),
    },
    dryRun: dry.length > 0,
  };
}

function fromQuery(query: Query): Record<string, unknown> {
  const dryRun = query.all('dryRun');
  return {
    gracePeriodSeconds: query.int('gracePeriodSeconds'),
    propagationPolicy: query.get('propagationPolicy'),
    orphanDependents: query.bool('orphanDependents'),
    ...(dryRun.length > 0 && { dryRun: [...dryRun] }),
  };
}
