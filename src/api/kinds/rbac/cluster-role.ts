import type { ClusterRole } from '../../types/rbac.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const clusterRole = defineKind<ClusterRole>({
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  storage: { group: 'rbac.authorization.k8s.io', version: 'v1', message: 'rbac/v1.ClusterRole' },
});

export const ClusterRoles = resourceOf(clusterRole);
