import { forbidden } from '../../api/errors.ts';
import { equalJson } from '../../api/json.ts';
import type { ClusterRole, PolicyRule, Role, RoleBinding } from '../../api/types/rbac.v1.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/plugin.ts';
import { MASTERS, type UserInfo } from '../user.ts';
import type { Authorizer } from './attributes.ts';
import { roleOf } from './rbac.ts';
import { ruleText, uncovered } from './rules.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Nobody grants what he does not hold, unless he may `escalate` roles or `bind` them (pkg/registry/rbac/{role,rolebinding}/policybased). */
export function escalationCheck(store: Store, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    validate(request) {
      const { kind, operation, object, oldObject, user } = request;
      if (kind.storage.group !== GROUP || !object || (operation !== 'CREATE' && operation !== 'UPDATE') || user.groups.includes(MASTERS)) return;
      if (kind.plural === 'roles' || kind.plural === 'clusterroles') {
        const role = object as Role | ClusterRole;
        if (oldObject && equalJson((oldObject as Role).rules, role.rules)) return;
        if (may(authorizer, request, 'escalate', kind.plural, role.metadata.name ?? '')) return;
        check(authorizer, request, role.rules ?? []);
      } else if (kind.plural === 'rolebindings' || kind.plural === 'clusterrolebindings') {
        const binding = object as RoleBinding;
        if (oldObject && equalJson((oldObject as RoleBinding).subjects, binding.subjects) && equalJson((oldObject as RoleBinding).roleRef, binding.roleRef)) return;
        const { roleRef } = binding;
        if (may(authorizer, request, 'bind', roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles', roleRef.name)) return;
        const role = roleOf(store, roleRef, request.namespace);
        // A binding to nothing grants nothing yet, but it would once somebody makes the role.
        if (!role) throw forbidden(request.resource, request.name, `${roleRef.kind.toLowerCase()}.${GROUP} ${JSON.stringify(roleRef.name)} not found`);
        check(authorizer, request, role.rules ?? []);
      }
    },
  };
}

function may(authorizer: Authorizer, { user, namespace }: AdmissionRequest, verb: string, resource: string, name: string): boolean {
  return authorizer.decide({ user, verb, isResource: true, group: GROUP, version: '*', resource, subresource: '', namespace, name, path: '' }).allowed;
}

function check(authorizer: Authorizer, request: AdmissionRequest, rules: readonly PolicyRule[]): void {
  const missing = uncovered(authorizer.rules(request.user, request.namespace), rules);
  if (missing.length === 0) return;
  const lines = [...new Set(missing.map(ruleText))].sort().join('\n');
  throw forbidden(request.resource, request.name, `${who(request.user)} is attempting to grant RBAC permissions not currently held:\n${lines}`);
}

function who(user: UserInfo): string {
  return `user ${JSON.stringify(user.name)} (groups=[${user.groups.map((group) => JSON.stringify(group)).join(' ')}])`;
}
