import type { KubeObject, ResourceType } from '../../api/object.ts';
import { ClusterRoleBindings } from '../../api/kinds/rbac/cluster-role-binding.ts';
import { ClusterRoles } from '../../api/kinds/rbac/cluster-role.ts';
import { RoleBindings } from '../../api/kinds/rbac/role-binding.ts';
import { Roles } from '../../api/kinds/rbac/role.ts';
import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, Subject } from '../../api/types/rbac.v1.ts';
import type { Client } from '../../client/client.ts';
import { CONTROLLERS } from './controller-policy.ts';
import { createMissing } from './namespaces.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from './policy.ts';

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const BOOTSTRAPPING = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const AUTOUPDATE = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' };
const VERB_SETS: Readonly<Record<string, readonly string[]>> = {
  rw: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  write: ['create', 'delete', 'deletecollection', 'patch', 'update'],
  read: ['get', 'list', 'watch'],
};

/** Makes the default roles and bindings that are not there yet. */
export async function ensureRoles(client: Client): Promise<void> {
  const make = <T extends KubeObject>(type: ResourceType<T>, objects: readonly T[]) => objects.map((object) => createMissing(() => client.create(type, object)));
  await Promise.all([...make(ClusterRoles, clusterRoles()), ...make(ClusterRoleBindings, clusterRoleBindings()), ...make(Roles, roles()), ...make(RoleBindings, roleBindings())]);
}

const metadata = (name: string, labels: Record<string, string> = {}) => ({ name, labels: { ...BOOTSTRAPPING, ...labels }, annotations: AUTOUPDATE });

/** The default ClusterRoles. */
function clusterRoles(): ClusterRole[] {
  return sections(CLUSTER_ROLES).map(({ words: [name = '', ...flags], rules }) => {
    const aggregates = (role: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' });
    const labels = Object.assign({}, ...flags.filter((flag) => flag.startsWith('to=')).map((flag) => aggregates(flag.slice(3)))) as Record<string, string>;
    const from = flags.find((flag) => flag.startsWith('from='));
    return {
      apiVersion: API_VERSION, kind: 'ClusterRole', metadata: metadata(name, labels), rules,
      ...(from && { aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregates(from.slice(5)) }] } }),
    };
  });
}

const CONTROLLER = 'system:controller:';

/** The ClusterRoles of upstream's controllers, which ours have no need of. */
export function controllerRoles(): ClusterRole[] {
  return sections(CONTROLLERS).map(({ words: [name = ''], rules }) => ({ apiVersion: API_VERSION, kind: 'ClusterRole', metadata: metadata(`${CONTROLLER}${name}`), rules }));
}

/** A controller's role is its service account's, which has the same name. */
export function bindingOf({ metadata: { name = '' } }: ClusterRole): ClusterRoleBinding {
  return {
    apiVersion: API_VERSION, kind: 'ClusterRoleBinding', metadata: metadata(name), roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: name.slice(CONTROLLER.length), namespace: 'kube-system' }],
  };
}

function clusterRoleBindings(): ClusterRoleBinding[] {
  return lines(CLUSTER_ROLE_BINDINGS).map(([name = '', role = '', ...subjects]) => ({
    apiVersion: API_VERSION, kind: 'ClusterRoleBinding', metadata: metadata(name), roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role }, subjects: subjects.map(subject),
  }));
}

function roles(): Role[] {
  return sections(ROLES).map(({ words: [path = ''], rules }) => ({ apiVersion: API_VERSION, kind: 'Role', metadata: { ...metadata(after(path, '/')), namespace: before(path, '/') }, rules }));
}

function roleBindings(): RoleBinding[] {
  return lines(ROLE_BINDINGS).map(([path = '', role = '', ...subjects]) => ({
    apiVersion: API_VERSION, kind: 'RoleBinding', metadata: { ...metadata(after(path, '/')), namespace: before(path, '/') },
    roleRef: { apiGroup: GROUP, kind: before(role, ':'), name: after(role, ':') }, subjects: subjects.map(subject),
  }));
}

function subject(text: string): Subject {
  const kind = before(text, ':');
  const name = after(text, ':');
  return kind === 'ServiceAccount' ? { kind, namespace: before(name, '/'), name: after(name, '/') } : { apiGroup: GROUP, kind, name };
}

function sections(text: string): { words: string[]; rules: PolicyRule[] }[] {
  const found: { words: string[]; rules: PolicyRule[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('  ')) found.at(-1)!.rules.push(rule(line.trim().split(' ')));
    else if (line !== '') found.push({ words: line.split(' '), rules: [] });
  }
  return found;
}

function rule([verbs = '', groupsOrPaths = '', resources, names]: string[]): PolicyRule {
  const verbList = [...(VERB_SETS[verbs] ?? verbs.split(','))];
  if (resources === undefined) return { verbs: verbList, nonResourceURLs: groupsOrPaths.split(',') };
  return {
    apiGroups: groupsOrPaths.split(',').map((group) => (group === 'core' ? '' : group)), resources: resources.split(','), verbs: verbList, ...(names !== undefined && { resourceNames: names.split(',') }),
  };
}

const lines = (text: string) => text.split('\n').filter(Boolean).map((line) => line.split(' '));
const before = (text: string, mark: string) => text.slice(0, text.indexOf(mark));
const after = (text: string, mark: string) => text.slice(text.indexOf(mark) + 1);
