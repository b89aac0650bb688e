import { equalJson } from '../../api/json.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionCondition, CustomResourceDefinitionNames, CustomResourceDefinitionStatus } from '../../api/types/apiextensions.v1.ts';

/** A condition without the time of its last change. */
export type Said = Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>;

/**
 * The status that a definition should have, given the names that the others of its group were granted: names are claimed first come, first served
 * (apiextensions-apiserver pkg/controller/status/naming_controller.go), and once all are, it is established for good (pkg/controller/establish). The same object when nothing changes. `now` is RFC 3339 seconds.
 */
export function definitionStatus(definition: CustomResourceDefinition, others: readonly CustomResourceDefinition[], now: string): CustomResourceDefinitionStatus {
  const claimed = { resources: new Set<string>(), kinds: new Set<string>() };
  for (const other of others) {
    const names = other.status?.acceptedNames;
    if (!names || other.spec.group !== definition.spec.group || other.metadata.name === definition.metadata.name) continue;
    for (const name of [names.plural, names.singular, ...(names.shortNames ?? [])]) if (name) claimed.resources.add(name);
    for (const name of [names.kind, names.listKind]) if (name) claimed.kinds.add(name);
  }
  const { names, refusal } = grant(definition.spec.names, definition.status?.acceptedNames, claimed);
  const accepted: Said = refusal ? { type: 'NamesAccepted', status: 'False', ...refusal } : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const before = definition.status?.conditions?.find((c) => c.type === 'Established');
  const established: Said = before?.status === 'True' ? before
    : refusal ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
      : { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
  const next = { ...definition.status, acceptedNames: names, conditions: [accepted, established].reduce((all, said) => withCondition(all, said, now), definition.status?.conditions ?? []) };
  return definition.status && equalJson(next, definition.status) ? definition.status : next;
}

/** Whether the definition's resources are served. */
export function isEstablished(status: CustomResourceDefinitionStatus | undefined): boolean {
  return status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') ?? false;
}

/** The conditions with one of them said anew; its time moves when its status does. */
export function withCondition(all: readonly CustomResourceDefinitionCondition[], said: Said, now: string): CustomResourceDefinitionCondition[] {
  const { type, status, reason, message } = said;
  const before = all.find((c) => c.type === type);
  const next = { type, status, lastTransitionTime: before?.status === status ? (before.lastTransitionTime ?? now) : now, reason, message };
  return before ? all.map((c) => (c.type === type ? next : c)) : [...all, next];
}

interface Refusal {
  readonly reason: string;
  readonly message: string;
}

function grant(wanted: CustomResourceDefinitionNames, granted: CustomResourceDefinitionNames | undefined, claimed: { resources: ReadonlySet<string>; kinds: ReadonlySet<string> }): { names: CustomResourceDefinitionNames; refusal: Refusal | undefined } {
  const names: CustomResourceDefinitionNames = { ...(granted ?? { plural: '', kind: '' }) };
  let refusal: Refusal | undefined;
  const inUse = (name: string) => `${JSON.stringify(name)} is already in use`;
  const claim = (field: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string>, reason: string) => {
    const name = wanted[field];
    if (name === undefined || name === granted?.[field] || !used.has(name)) {
      if (name !== undefined) names[field] = name;
    } else refusal = { reason, message: inUse(name) };
  };
  claim('plural', claimed.resources, 'PluralConflict');
  claim('singular', claimed.resources, 'SingularConflict');
  const taken = (wanted.shortNames ?? []).filter((name) => !granted?.shortNames?.includes(name) && claimed.resources.has(name));
  if (taken.length > 0) refusal = { reason: 'ShortNamesConflict', message: taken.length === 1 ? inUse(taken[0]!) : `[${taken.map(inUse).join(', ')}]` };
  else if (wanted.shortNames) names.shortNames = wanted.shortNames;
  else delete names.shortNames;
  claim('kind', claimed.kinds, 'KindConflict');
  claim('listKind', claimed.kinds, 'ListKindConflict');
  if (wanted.categories) names.categories = wanted.categories;
  else delete names.categories;
  return { names, refusal };
}
