import type { Node, NodeSelectorRequirement, NodeSelectorTerm } from './types/core.v1.ts';

/** The one field of a node that a term may name. */
export const NAME_FIELD = 'metadata.name';

/** Whether a term of a node selector picks a node; an empty one picks none (component-helpers nodeaffinity). */
export function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const labels = node.metadata.labels ?? {};
  return matchExpressions.every((requirement) => holds(requirement, Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined))
    && matchFields.every((requirement) => holds(requirement, requirement.key === NAME_FIELD ? node.metadata.name : undefined));
}

function holds({ operator, values = [] }: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In': return value !== undefined && values.includes(value);
    case 'NotIn': return value === undefined || !values.includes(value);
    case 'Exists': return value !== undefined;
    case 'DoesNotExist': return value === undefined;
    case 'Gt': return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0]);
    case 'Lt': return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0]);
    default: return false;
  }
}
