import type { Node } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, text, wide } from '../columns.ts';
import { validateNode, validateNodeUpdate } from './cluster-object-validation.ts';

export const node = defineKind<Node>({
  kind: 'Node',
  plural: 'nodes',
  singular: 'node',
  shortNames: ['no'],
  namespaced: false,
  storage: { group: '', version: 'v1', message: 'core/v1.Node' },
  status: true,
  statusOnCreate: true,
  subresources: [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }],
  defaults(node) {
    node.spec ??= {};
    if (node.spec.podCIDR && node.spec.podCIDRs?.[0] !== node.spec.podCIDR) node.spec.podCIDRs = [node.spec.podCIDR];
    else if (node.spec.podCIDRs?.[0]) node.spec.podCIDR = node.spec.podCIDRs[0];
    if (node.status?.capacity) node.status.allocatable ??= { ...node.status.capacity };
  },
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  fieldSelectors: { 'spec.unschedulable': (node) => String(node.spec.unschedulable ?? false) },
  columns: [
    nameColumn,
    text('Status', statusText),
    text('Roles', rolesText),
    ageColumn,
    text('Version', (node) => node.status?.nodeInfo?.kubeletVersion ?? ''),
    wide('Internal-IP', (node) => address(node, 'InternalIP')),
    wide('External-IP', (node) => address(node, 'ExternalIP')),
    wide('OS-Image', (node) => node.status?.nodeInfo?.osImage || '<unknown>'),
    wide('Kernel-Version', (node) => node.status?.nodeInfo?.kernelVersion || '<unknown>'),
    wide('Container-Runtime', (node) => node.status?.nodeInfo?.containerRuntimeVersion || '<unknown>'),
  ],
});

export const Nodes = resourceOf(node);

function statusText(node: Node): string {
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready');
  const status = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return node.spec.unschedulable ? `${status},SchedulingDisabled` : status;
}

const ROLE_PREFIX = 'node-role.kubernetes.io/';

function rolesText(node: Node): string {
  const roles = Object.entries(node.metadata.labels ?? {}).flatMap(([key, value]) => {
    const role = key.startsWith(ROLE_PREFIX) ? key.slice(ROLE_PREFIX.length) : key === 'kubernetes.io/role' ? value : '';
    return role === '' ? [] : [role];
  });
  return [...new Set(roles)].sort().join(',') || '<none>';
}

function address(node: Node, type: string): string {
  return node.status?.addresses?.find((a) => a.type === type)?.address ?? '<none>';
}
