import type { ClusterRole } from '../../types/rbac.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { createdAtColumn, nameColumn } from '../columns.ts';
import { oldRbac } from './old-versions.ts';
import { validateClusterRole } from './validation.ts';

export const clusterRole = defineKind<ClusterRole>({
  kind: 'ClusterRole',
  plural: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  storage: { group: 'rbac.authorization.k8s.io', version: 'v1', message: 'rbac/v1.ClusterRole' },
  served: [oldRbac('ClusterRole')],
  validateName: pathSegment,
  validate: validateClusterRole,
  createOnUpdate: true,
  columns: [nameColumn, createdAtColumn],
});

export const ClusterRoles = resourceOf(clusterRole);
