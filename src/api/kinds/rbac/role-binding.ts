import type { RoleBinding } from '../../types/rbac.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { bindingColumns, defaultBinding } from './binding-parts.ts';
import { oldRbac } from './old-versions.ts';
import { roleStays, validateRoleBinding } from './validation.ts';

export const roleBinding = defineKind<RoleBinding>({
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  storage: { group: 'rbac.authorization.k8s.io', version: 'v1', message: 'rbac/v1.RoleBinding' },
  served: [oldRbac('RoleBinding')],
  validateName: pathSegment,
  defaults: defaultBinding,
  validate: validateRoleBinding,
  validateUpdate: roleStays,
  createOnUpdate: true,
  columns: bindingColumns,
});

export const RoleBindings = resourceOf(roleBinding);
