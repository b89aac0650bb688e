import type { FieldError } from '../../errors.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../types/rbac.v1.ts';
import { each, invalid, invalidEach, oneOf, required } from '../../validation/field.ts';
import { dns1123Subdomain, pathSegment } from '../../validation/formats.ts';
import { sameValue } from '../../validation/immutable.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';

/** Validation of roles and bindings: pkg/apis/rbac/validation/validation.go. */

const RBAC = 'rbac.authorization.k8s.io';

export const validateRole = (role: Role): FieldError[] => each(role.rules, 'rules', (rule, at) => validateRule(rule, true, at));

export function validateClusterRole({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const at = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule?.clusterRoleSelectors ?? [];
  return [
    ...each(rules, 'rules', (rule, path) => validateRule(rule, false, path)),
    ...(aggregationRule && selectors.length === 0 ? [required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil')] : []),
    ...each(selectors, at, validateLabelSelector),
  ];
}

function validateRule(rule: PolicyRule, namespaced: boolean, at: string): FieldError[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs: urls = [] } = rule;
  const errors = verbs.length === 0 ? [required(`${at}.verbs`, 'verbs must contain at least one value')] : [];
  if (urls.length > 0) {
    if (namespaced) errors.push(invalid(`${at}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
    if (apiGroups.length + resources.length + resourceNames.length > 0) errors.push(invalid(`${at}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'));
    return errors;
  }
  if (apiGroups.length === 0) errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  if (resources.length === 0) errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  return errors;
}

export const validateRoleBinding = (binding: RoleBinding): FieldError[] => validateBinding(binding, ['Role', 'ClusterRole'], true);
export const validateClusterRoleBinding = (binding: ClusterRoleBinding): FieldError[] => validateBinding(binding, ['ClusterRole'], false);

function validateBinding({ roleRef, subjects }: RoleBinding | ClusterRoleBinding, kinds: readonly string[], namespaced: boolean): FieldError[] {
  const { apiGroup = '', kind = '', name = '' } = roleRef ?? {};
  return [
    ...oneOf('roleRef.apiGroup', apiGroup, [RBAC]),
    ...oneOf('roleRef.kind', kind, kinds),
    ...(name === '' ? [required('roleRef.name')] : invalidEach('roleRef.name', name, pathSegment(name))),
    ...each(subjects, 'subjects', (subject, at) => validateSubject(subject, namespaced, at)),
  ];
}

function validateSubject({ kind, name, namespace, apiGroup = '' }: Subject, namespaced: boolean, at: string): FieldError[] {
  const errors = name ? [] : [required(`${at}.name`)];
  switch (kind) {
    case 'ServiceAccount':
      if (name) errors.push(...invalidEach(`${at}.name`, name, dns1123Subdomain(name)));
      if (apiGroup !== '') errors.push(...oneOf(`${at}.apiGroup`, apiGroup, ['']));
      if (!namespaced && !namespace) errors.push(required(`${at}.namespace`));
      return errors;
    case 'User':
    case 'Group':
      return [...errors, ...oneOf(`${at}.apiGroup`, apiGroup, [RBAC])];
    default:
      return [...errors, ...oneOf(`${at}.kind`, kind ?? '', ['ServiceAccount', 'User', 'Group'])];
  }
}

/** What a binding grants stays; another grant is another binding. */
export function roleStays(next: RoleBinding | ClusterRoleBinding, old: RoleBinding | ClusterRoleBinding): FieldError[] {
  return sameValue(next.roleRef, old.roleRef) ? [] : [invalid('roleRef', next.roleRef, 'cannot change roleRef')];
}
