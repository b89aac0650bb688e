import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration, Subject } from '../../api/types/flowcontrol.v1.ts';

/** The flow schemas and priority levels that every cluster has (apiserver/pkg/apis/flowcontrol/bootstrap/default.go). They can be read and changed; requests are queued by user, whatever they say (`overload.ts`). */

const apiVersion = 'flowcontrol.apiserver.k8s.io/v1';
const metadata = (name: string) => ({ name, annotations: { 'apf.kubernetes.io/autoupdate-spec': 'true' } });

/** Name, concurrency shares, percentage that may be lent, queues and hand size; without queues what is too much is rejected. */
const LIMITED: readonly (readonly [name: string, shares: number, lendable: number, queues?: number, hand?: number])[] = [
  ['catch-all', 5, 0], ['global-default', 20, 50, 128, 6], ['leader-election', 10, 0, 16, 4], ['node-high', 40, 25, 64, 6], ['system', 30, 33, 64, 6], ['workload-high', 40, 50, 128, 6], ['workload-low', 100, 90, 128, 6],
];

export function priorityLevels(): PriorityLevelConfiguration[] {
  const kind = 'PriorityLevelConfiguration';
  return [
    { apiVersion, kind, metadata: metadata('exempt'), spec: { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } } },
    ...LIMITED.map(([name, nominalConcurrencyShares, lendablePercent, queues, handSize]): PriorityLevelConfiguration => ({
      apiVersion, kind, metadata: metadata(name),
      spec: { type: 'Limited', limited: { nominalConcurrencyShares, lendablePercent, limitResponse: queues === undefined || handSize === undefined ? { type: 'Reject' } : { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } } } },
    })),
  ];
}

const group = (name: string): Subject => ({ kind: 'Group', group: { name } });
const user = (name: string): Subject => ({ kind: 'User', user: { name } });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', serviceAccount: { name, namespace: 'kube-system' } });
const everybody = [group('system:unauthenticated'), group('system:authenticated')];
const manager = user('system:kube-controller-manager');
const scheduler = user('system:kube-scheduler');

const resources = (apiGroup: string, names: readonly string[], verbs: readonly string[], clusterScope = false) =>
  ({ verbs: [...verbs], apiGroups: [apiGroup], resources: [...names], namespaces: ['*'], ...(clusterScope && { clusterScope }) });
const anything: Omit<PolicyRulesWithSubjects, 'subjects'> = { resourceRules: [resources('*', ['*'], ['*'], true)], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] };
const KEEP = ['get', 'create', 'update'];

/** Name, precedence, priority level, what tells flows apart, whose requests, and which of them. */
const SCHEMAS: readonly (readonly [name: string, precedence: number, level: string, flows: 'ByUser' | 'ByNamespace' | undefined, subjects: readonly Subject[], rules: Omit<PolicyRulesWithSubjects, 'subjects'>])[] = [
  ['exempt', 1, 'exempt', undefined, [group('system:masters')], anything],
  ['probes', 2, 'exempt', undefined, everybody, { nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }] }],
  ['system-leader-election', 100, 'leader-election', 'ByUser', [manager, scheduler, account('*')], { resourceRules: [resources('coordination.k8s.io', ['leases'], KEEP)] }],
  ['endpoint-controller', 150, 'workload-high', 'ByUser', [manager, account('endpoint-controller'), account('endpointslicemirroring-controller')], { resourceRules: [resources('', ['endpoints'], KEEP)] }],
  ['workload-leader-election', 200, 'leader-election', 'ByUser', [account('*')], { resourceRules: [resources('', ['endpoints', 'configmaps'], KEEP), resources('coordination.k8s.io', ['leases'], KEEP)] }],
  ['system-node-high', 400, 'node-high', 'ByUser', [group('system:nodes')], { resourceRules: [resources('', ['nodes', 'nodes/status'], ['*'], true), resources('coordination.k8s.io', ['leases'], ['*'])] }],
  ['system-nodes', 500, 'system', 'ByUser', [group('system:nodes')], anything],
  ['kube-controller-manager', 800, 'workload-high', 'ByNamespace', [manager], anything],
  ['kube-scheduler', 800, 'workload-high', 'ByNamespace', [scheduler], anything],
  ['kube-system-service-accounts', 900, 'workload-high', 'ByNamespace', [account('*')], anything],
  ['service-accounts', 9000, 'workload-low', 'ByUser', [group('system:serviceaccounts')], anything],
  ['global-default', 9900, 'global-default', 'ByUser', everybody, anything],
  ['catch-all', 10000, 'catch-all', 'ByUser', everybody, anything],
];

export function flowSchemas(): FlowSchema[] {
  return SCHEMAS.map(([name, matchingPrecedence, level, flows, subjects, rules]) => ({
    apiVersion, kind: 'FlowSchema', metadata: metadata(name),
    spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence, ...(flows && { distinguisherMethod: { type: flows } }), rules: [{ subjects: [...subjects], ...rules }] },
  }));
}
