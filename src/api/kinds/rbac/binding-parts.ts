import type { Column } from '../../kind.ts';
import type { ClusterRoleBinding, RoleBinding } from '../../types/rbac.v1.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';

const RBAC = 'rbac.authorization.k8s.io';

type Binding = RoleBinding | ClusterRoleBinding;

/** The group of the role and of users and groups is RBAC's when it is not said. */
export function defaultBinding(binding: Binding): void {
  if (binding.roleRef) binding.roleRef.apiGroup ||= RBAC;
  for (const subject of binding.subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= RBAC;
}

const names = (binding: Binding, kind: string) => (binding.subjects ?? []).filter((s) => s.kind === kind).map((s) => s.name).join(', ');

export const bindingColumns: readonly Column<Binding>[] = [
  nameColumn,
  text('Role', (binding) => `${binding.roleRef.kind}/${binding.roleRef.name}`),
  ageColumn,
  wide('Users', (binding) => names(binding, 'User')),
  wide('Groups', (binding) => names(binding, 'Group')),
  wide('ServiceAccounts', (binding) => (binding.subjects ?? []).filter((s) => s.kind === 'ServiceAccount').map((s) => `${s.namespace ?? ''}/${s.name}`).join(', ')),
];
