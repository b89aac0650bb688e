import { erase } from '../../kind.ts';
import { role } from './role.ts';
import { roleBinding } from './role-binding.ts';
import { clusterRole } from './cluster-role.ts';
import { clusterRoleBinding } from './cluster-role-binding.ts';

/** The kinds of the rbac group, in the order discovery lists them. */
export const rbacKinds = [
  erase(role),
  erase(roleBinding),
  erase(clusterRole),
  erase(clusterRoleBinding),
];
