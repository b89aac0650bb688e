import type { Role } from '../../types/rbac.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { pathSegment } from '../../validation/formats.ts';
import { createdAtColumn, nameColumn } from '../columns.ts';
import { oldRbac } from './old-versions.ts';
import { validateRole } from './validation.ts';

export const role = defineKind<Role>({
  kind: 'Role',
  plural: 'roles',
  singular: 'role',
  namespaced: true,
  storage: { group: 'rbac.authorization.k8s.io', version: 'v1', message: 'rbac/v1.Role' },
  served: [oldRbac('Role')],
  validateName: pathSegment,
  validate: validateRole,
  createOnUpdate: true,
  columns: [nameColumn, createdAtColumn],
});

export const Roles = resourceOf(role);
