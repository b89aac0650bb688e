import { badRequest } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { SelectorError, matchesLabels, parseFieldSelector, parseLabelSelector, type FieldRequirement } from '../../api/selectors.ts';
import { pathSegment } from '../../api/validation/formats.ts';
import type { Resource } from '../scheme.ts';

/** Which objects of a resource a list or watch is about. */
export interface Selection {
  /** Absent = all of them: nothing needs to be looked at. */
  readonly matches?: (stored: KubeObject) => boolean;
  /** Set when the fields say exactly which name. */
  readonly name?: string;
}

/** Reads both selectors of a request. Throws BadRequest in upstream's words. */
export function selection(resource: Resource, labelSelector: string | undefined, fieldSelector: string | undefined): Selection {
  const tests: ((object: KubeObject) => boolean)[] = [];
  let name: string | undefined;
  try {
    if (labelSelector) {
      const labels = parseLabelSelector(labelSelector);
      if (labels.length > 0) tests.push((object) => matchesLabels(labels, object.metadata.labels));
    }
    for (const term of fieldSelector ? parseFieldSelector(fieldSelector) : []) {
      tests.push(fieldTest(resource, term));
      if (term.field === 'metadata.name' && term.operator === '=') name = term.value;
    }
  } catch (error) {
    throw error instanceof SelectorError ? badRequest(error.message) : error;
  }
  if (tests.length === 0) return {};
  return { matches: tests.length === 1 ? tests[0]! : (object) => tests.every((test) => test(object)), ...(name !== undefined && { name }) };
}

/** The one name that a field selector leaves, for the authorizer: a rule about some names lets those be listed and watched one by one (apiserver/pkg/endpoints/request/requestinfo.go). '' when it leaves more, or cannot be read. */
export function selectedName(fieldSelector: string | undefined): string {
  if (!fieldSelector) return '';
  try {
    const name = parseFieldSelector(fieldSelector).find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value ?? '';
    return pathSegment(name).length === 0 ? name : '';
  } catch {
    return '';
  }
}

function fieldTest(resource: Resource, { field, operator, value }: FieldRequirement): (object: KubeObject) => boolean {
  const read = field === 'metadata.name' ? (o: KubeObject) => o.metadata.name ?? ''
    : field === 'metadata.namespace' ? (o: KubeObject) => o.metadata.namespace ?? ''
    : fieldReader(resource, field);
  return operator === '=' ? (object) => read(object) === value : (object) => read(object) !== value;
}

function fieldReader(resource: Resource, field: string): (object: KubeObject) => string {
  const { fieldSelectors } = resource.kind;
  const read = fieldSelectors && Object.hasOwn(fieldSelectors, field) ? fieldSelectors[field] : undefined;
  if (!read) throw badRequest(unknownField(resource, field));
  return read;
}

/** Kinds with fields of their own to select by have their own words for one that they do not have. */
function unknownField({ kind: { kind, fieldSelectors }, custom }: Resource, field: string): string {
  if (kind === 'Job' && !custom) return `field label ${JSON.stringify(field)} not supported for Job`;
  return fieldSelectors || custom ? `field label not supported: ${field}` : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
