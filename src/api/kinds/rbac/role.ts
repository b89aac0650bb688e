import type { Role } from '../../types/rbac.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const role = defineKind<Role>({
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  storage: { group: 'rbac.authorization.k8s.io', version: 'v1', message: 'rbac/v1.Role' },
});

export const Roles = resourceOf(role);
