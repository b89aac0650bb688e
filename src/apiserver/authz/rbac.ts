import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from '../../api/types/rbac.v1.ts';
import type { Store } from '../../store/store.ts';
import { MASTERS, type UserInfo } from '../user.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import { ruleAllows } from './rules.ts';

const GROUP = 'rbac.authorization.k8s.io';
const PLURALS = ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings'] as const;
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];
const MAX_USERS = 10_000;

interface Granted {
  readonly rule: PolicyRule;
  /** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"` */
  readonly by: string;
}

/** Role-based access control over the roles and bindings in the store (plugin/pkg/auth/authorizer/rbac). */
export function rbacAuthorizer(store: Store): Authorizer {
  // What a user was granted is worked out once and forgotten whenever any role or binding changes.
  let known = new Map<string, { granted: readonly Granted[]; problems: readonly string[] }>();
  for (const plural of PLURALS) store.watch(`${plural}.${GROUP}/`, store.revision, () => void (known = new Map()));

  const grants = (user: UserInfo, namespace: string) => {
    const key = JSON.stringify([namespace, user.name, user.groups]);
    let found = known.get(key);
    if (!found) {
      if (known.size > MAX_USERS) known = new Map();
      known.set(key, found = resolve(store, user, namespace));
    }
    return found;
  };
  return {
    decide(asked): Decision {
      if (asked.user.groups.includes(MASTERS)) return { allowed: true, reason: '' };
      const everywhere = grants(asked.user, '');
      const here = asked.isResource && asked.namespace !== '' ? grants(asked.user, asked.namespace) : undefined;
      const match = firstMatch(everywhere.granted, asked) ?? (here && firstMatch(here.granted, asked));
      if (match) return { allowed: true, reason: `RBAC: allowed by ${match.by}` };
      const problems = [...everywhere.problems, ...(here?.problems ?? [])];
      return { allowed: false, reason: problems.length === 0 ? '' : `RBAC: ${problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`}` };
    },
    rules(user, namespace) {
      if (user.groups.includes(MASTERS)) return EVERYTHING;
      const here = namespace === '' ? [] : grants(user, namespace).granted;
      return [...grants(user, '').granted, ...here].map(({ rule }) => rule);
    },
  };
}

function firstMatch(granted: readonly Granted[], asked: Attributes): Granted | undefined {
  return granted.find(({ rule }) => ruleAllows(rule, asked));
}

function resolve(store: Store, user: UserInfo, namespace: string): { granted: Granted[]; problems: string[] } {
  const plural = namespace === '' ? 'clusterrolebindings' : 'rolebindings';
  const granted: Granted[] = [];
  const problems: string[] = [];
  for (const { object } of store.list(`${plural}.${GROUP}/${namespace}/`).entries) {
    const binding = object as ClusterRoleBinding | RoleBinding;
    const subject = (binding.subjects ?? []).find((candidate) => isSubject(candidate, user, namespace));
    if (!subject) continue;
    const role = roleOf(store, binding.roleRef, namespace);
    if (!role) {
      problems.push(`${binding.roleRef.kind.toLowerCase()}.${GROUP} ${JSON.stringify(binding.roleRef.name)} not found`);
      continue;
    }
    const name = namespace === '' ? binding.metadata.name : `${binding.metadata.name}/${namespace}`;
    const by = `${binding.kind} ${JSON.stringify(name)} of ${binding.roleRef.kind} ${JSON.stringify(binding.roleRef.name)} to ${subjectText(subject)}`;
    for (const rule of role.rules ?? []) granted.push({ rule, by });
  }
  return { granted, problems };
}

/** The role that a binding names. */
export function roleOf(store: Store, ref: RoleRef, namespace: string): Role | ClusterRole | undefined {
  const key = ref.kind === 'ClusterRole' ? `clusterroles.${GROUP}//${ref.name}` : `roles.${GROUP}/${namespace}/${ref.name}`;
  return store.get(key)?.object as Role | ClusterRole | undefined;
}

function isSubject(subject: Subject, user: UserInfo, namespace: string): boolean {
  if (subject.kind === 'User') return user.name === subject.name;
  if (subject.kind === 'Group') return user.groups.includes(subject.name);
  if (subject.kind !== 'ServiceAccount') return false;
  const home = subject.namespace || namespace;
  return home !== '' && user.name === `system:serviceaccount:${home}:${subject.name}`;
}

function subjectText(subject: Subject): string {
  return subject.kind === 'ServiceAccount' ? `ServiceAccount "${subject.name}/${subject.namespace ?? ''}"` : `${subject.kind} ${JSON.stringify(subject.name)}`;
}
