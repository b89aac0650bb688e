import { describe, expect, test } from 'vitest';
import type { Node, Pod, PodSpec } from '../api/types/core.v1.ts';
import { seededRandom } from '../base/random.ts';
import { cache } from './cache.ts';
import { decide, describeRefusal } from './decide.ts';
import { podInfo } from './pod-info.ts';
import { defaultPlugins } from './plugins/index.ts';
import { findPreemption } from './preemption.ts';
import type { Snapshot } from './snapshot.ts';

let serial = 0;

function node(name: string, more: { labels?: Record<string, string>; allocatable?: Record<string, string>; spec?: Node['spec'] } = {}): Node {
  return {
    apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, ...more.labels } }, spec: more.spec ?? {},
    status: { allocatable: { cpu: '2', memory: '4Gi', pods: '110', ...more.allocatable } },
  };
}

function pod(spec: Partial<PodSpec> & { cpu?: string; memory?: string } = {}, metadata: Pod['metadata'] = {}): Pod {
  const { cpu, memory, ...rest } = spec;
  const requests = { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
  serial++;
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: `p${serial}`, namespace: 'default', uid: `uid-${serial}`, ...metadata },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }], ...rest },
  };
}

function snapshot(nodes: readonly Node[], pods: readonly Pod[] = [], more: Partial<Snapshot> = {}): Snapshot {
  const state = cache();
  for (const n of nodes) state.setNode(n);
  for (const p of pods) state.setPod(p);
  return {
    nodes: state.nodes(), node: state.node, nominated: state.nominated, nomination: state.nomination, claim: () => undefined, volume: () => undefined, volumes: () => [], storageClass: () => undefined,
    namespaceLabels: () => ({}), podsWithAffinity: state.podsWithAffinity, ownerSelector: () => undefined, ...more,
  };
}

function outcome(p: Pod, s: Snapshot): string {
  const decision = decide(podInfo(p), s, defaultPlugins, seededRandom(1));
  return decision.kind === 'node' ? decision.node.name : describeRefusal(decision, '');
}

const hostPort = (port: number) => ({ containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, hostPort: port }] }] });
const on = (p: Pod, nodeName: string): Pod => ({ ...p, spec: { ...p.spec, nodeName } });
const web = { matchLabels: { app: 'web' } };

describe('one node is left, or none and the reason', () => {
  const a = node('a');
  const b = node('b');
  const cases: [string, Pod, Snapshot, string][] = [
    ['no nodes', pod(), snapshot([]), 'no nodes available to schedule pods'],
    ['cpu', pod({ cpu: '3' }), snapshot([a, b]), '0/2 nodes are available: 2 Insufficient cpu.'],
    ['cpu and memory, each counted', pod({ cpu: '3', memory: '5Gi' }), snapshot([a]), '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory.'],
    ['what runs there counts', pod({ cpu: '1500m' }), snapshot([a, b], [on(pod({ cpu: '1' }), 'a')]), 'b'],
    ['finished pods do not count', pod({ cpu: '1500m' }), snapshot([a], [{ ...on(pod({ cpu: '1' }), 'a'), status: { phase: 'Succeeded' } }]), 'a'],
    ['too many pods', pod(), snapshot([node('a', { allocatable: { pods: '0' } })]), '0/1 nodes are available: 1 Too many pods.'],
    ['selector', pod({ nodeSelector: { disk: 'ssd' } }), snapshot([a, node('c', { labels: { disk: 'ssd' } })]), 'c'],
    ['nothing matches the selector', pod({ nodeSelector: { disk: 'ssd' } }), snapshot([a]), "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."],
    ['taint', pod(), snapshot([node('a', { spec: { taints: [{ key: 'k', value: 'v', effect: 'NoSchedule' }] } })]), '0/1 nodes are available: 1 node(s) had untolerated taint {k: v}.'],
    ['toleration', pod({ tolerations: [{ key: 'k', operator: 'Exists' }] }), snapshot([node('a', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } })]), 'a'],
    ['cordoned, and the others full: reasons sort as strings', pod({ cpu: '3' }), snapshot([node('a', { spec: { unschedulable: true } }), b]), '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.'],
    ['host port', pod(hostPort(80)), snapshot([a], [on(pod(hostPort(80)), 'a')]), "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports."],
    ['missing claim', pod({ volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'x' } }] }), snapshot([a]), '0/1 nodes are available: persistentvolumeclaim "x" not found.'],
    ['anti-affinity', pod({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: web }] } } }),
      snapshot([a, b], [on(pod({}, { labels: { app: 'web' }, namespace: 'default', uid: 'x' }), 'a')]), 'b'],
    ['affinity with nobody there', pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: web }] } } }),
      snapshot([a]), "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."],
    ['affinity with one pod that every term means, not with several that do so together',
      pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: web }, { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { tier: 'front' } } }] } } }),
      snapshot([a], [on(pod({}, { labels: { app: 'web' }, namespace: 'default' }), 'a'), on(pod({}, { labels: { tier: 'front' }, namespace: 'default' }), 'a')]), "0/1 nodes are available: 1 node(s) didn't match pod affinity rules."],
    ['the first of a group that wants its own kind', pod({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: web }] } } }, { labels: { app: 'web' }, namespace: 'default', name: 'f', uid: 'f' }),
      snapshot([a]), 'a'],
    ['spread', pod({ topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: web }] }, { labels: { app: 'web' }, namespace: 'default', uid: 's' }),
      snapshot([a, b], [on(pod({}, { labels: { app: 'web' }, namespace: 'default', uid: 'y' }), 'a')]), 'b'],
    ['least allocated wins', pod({ cpu: '100m', memory: '100Mi' }), snapshot([a, b], [on(pod({ cpu: '1', memory: '2Gi' }), 'a')]), 'b'],
  ];
  test.each(cases)('%s', (_, p, s, expected) => expect(outcome(p, s)).toBe(expected));
});

describe('preemption', () => {
  const low = (cpu: string, uid: string, priority = 0) => on(pod({ cpu, priority }, { namespace: 'default', name: uid, uid }), 'a');
  const preempt = (p: Pod, s: Snapshot) => {
    const info = podInfo(p);
    const decision = decide(info, s, defaultPlugins, seededRandom(1));
    if (decision.kind !== 'refused') throw new Error('it fits');
    const found = findPreemption(info, s, defaultPlugins, decision, []);
    return found.kind === 'node' ? `${found.node}: ${found.victims.map((v) => v.uid).join(' ')}` : describeRefusal(decision, found.message);
  };
  test('takes the fewest, least important pods', () => {
    expect(preempt(pod({ cpu: '1', priority: 10 }), snapshot([node('a')], [low('1', 'one', 1), low('1', 'two', 2)]))).toBe('a: one');
  });
  test('equal priority is no victim', () => {
    expect(preempt(pod({ cpu: '2' }), snapshot([node('a')], [low('1', 'one')]))).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.');
  });
  test('a node too small is not helped', () => {
    expect(preempt(pod({ cpu: '9', priority: 10 }), snapshot([node('a')], [low('1', 'one')]))).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.');
  });
});

describe('soft spread', () => {
  const zone = (name: string, z: string | undefined, cpu = '2') => node(name, { labels: { ...(z && { zone: z }) }, allocatable: { cpu } });
  const some = (count: number, nodeName: string, cpu = '0') => Array.from({ length: count }, () => on(pod({ cpu }, { labels: { app: 'web' }, namespace: 'default' }), nodeName));
  const spread = (more: object = {}, spec: Partial<PodSpec> = {}) => pod({ cpu: '1', topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: web, ...more }], ...spec }, { labels: { app: 'web' }, namespace: 'default' });
  const tainted: Node = { ...zone('a1', 'a'), spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } };
  const cases: [string, Pod, Snapshot, string][] = [
    ['pods on a node that is full count for its zone', spread(), snapshot([zone('a1', 'a', '0'), zone('a2', 'a'), zone('b', 'b')], [...some(3, 'a1'), ...some(1, 'b')]), 'b'],
    ['a node outside of the constraint is the last choice', spread(), snapshot([zone('none', undefined), zone('a', 'a')], some(5, 'a')), 'a'],
    ['a selector without requirements counts nobody: the emptier node wins', spread({ labelSelector: {} }), snapshot([zone('a', 'a', '9'), zone('b', 'b')], some(3, 'a')), 'a'],
    ['nodes whose taints are honoured count not', spread({ nodeTaintsPolicy: 'Honor' }), snapshot([tainted, zone('a2', 'a'), zone('b', 'b')], [...some(3, 'a1'), ...some(1, 'b')]), 'a2'],
    ['by default taints do not matter', spread(), snapshot([tainted, zone('a2', 'a'), zone('b', 'b')], [...some(3, 'a1'), ...some(1, 'b')]), 'b'],
  ];
  test.each(cases)('%s', (_, p, s, expected) => expect(outcome(p, s)).toBe(expected));
});

describe('a volume\'s zone', () => {
  const ZONE = 'topology.kubernetes.io/zone';
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data', namespace: 'default' }, spec: { volumeName: 'v' }, status: { phase: 'Bound' as const } };
  const volume = (labels: Record<string, string>) => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'v', labels }, spec: {} });
  const user = pod({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] });
  const at = (labels: Record<string, string>, ...nodes: Node[]) => outcome(user, snapshot(nodes, [], { claim: () => claim, volume: () => volume(labels) }));
  const inZone = (name: string, zone: string) => node(name, { labels: { [ZONE]: zone } });
  test.each<[string, string, string]>([
    ['is where it is used', at({ [ZONE]: 'b' }, inZone('a', 'a'), inZone('b', 'b')), 'b'],
    ['by its old name', at({ 'failure-domain.beta.kubernetes.io/zone': 'b' }, inZone('a', 'a'), inZone('b', 'b')), 'b'],
    ['or one of several', at({ [ZONE]: 'b__c' }, inZone('a', 'a'), inZone('c', 'c')), 'c'],
    ['is no matter on a node without', at({ [ZONE]: 'b' }, inZone('a', 'a'), node('plain')), 'plain'],
    ['keeps it from all others', at({ [ZONE]: 'b', 'topology.kubernetes.io/region': 'r' }, inZone('a', 'a'), inZone('b', 'b')), '0/2 nodes are available: 2 node(s) had no available volume zone.'],
  ])('%s', (_, found, expected) => expect(found).toBe(expected));
});
