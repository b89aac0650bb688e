import type { ClusterRoleBinding } from '../../types/rbac.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { bindingColumns, defaultBinding } from './binding-parts.ts';
import { oldRbac } from './old-versions.ts';
import { roleStays, validateClusterRoleBinding } from './validation.ts';

export const clusterRoleBinding = defineKind<ClusterRoleBinding>({
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  storage: { group: 'rbac.authorization.k8s.io', version: 'v1', message: 'rbac/v1.ClusterRoleBinding' },
  served: [oldRbac('ClusterRoleBinding')],
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: validateClusterRoleBinding,
  validateUpdate: roleStays,
  createOnUpdate: true,
  columns: bindingColumns,
});

export const ClusterRoleBindings = resourceOf(clusterRoleBinding);
