import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Nodes } from '../../api/kinds/core/node.ts';
import { Pods } from '../../api/kinds/core/pod.ts';
import { Services } from '../../api/kinds/core/service.ts';
import { EndpointSlices } from '../../api/kinds/discovery/endpoint-slice.ts';
import type { Node, Service } from '../../api/types/core.v1.ts';
import type { Endpoint, EndpointSlice } from '../../api/types/discovery.v1.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { endpointSliceController } from './controller.ts';
import { hintZones, wantsZoneShares, ZONE, zoneShares } from './topology.ts';

const node = (zone: string | undefined, cpu = '4', more: { ready?: string; labels?: Record<string, string>; name?: string } = {}): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: more.name ?? `in-${zone}`, labels: { ...(zone && { [ZONE]: zone }), ...more.labels } }, spec: {},
  status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: more.ready ?? 'True' }] },
});

test.each<[string, Node[], [string, number][] | undefined]>([
  ['by CPU', [node('a', '1'), node('b', '3')], [['a', 0.25], ['b', 0.75]]],
  ['nodes of one zone together', [node('a', '500m'), node('a', '500m'), node('b', '1')], [['a', 0.5], ['b', 0.5]]],
  ['without those that are not ready, or hold the control plane', [node('a'), node('b'), node('c', '4', { ready: 'Unknown' }), node(undefined, '4', { labels: { 'node-role.kubernetes.io/control-plane': '' } })], [['a', 0.5], ['b', 0.5]]],
  ['none where a node has no zone', [node('a'), node('b'), node(undefined)], undefined],
  ['none where a node has no CPU', [node('a'), node('b', '0')], undefined],
  ['none in one zone', [node('a'), node('a')], undefined],
])('shares: %s', (_, nodes, expected) => expect(zoneShares(nodes) && [...zoneShares(nodes)!]).toEqual(expected));

test.each<[Record<string, string>, boolean]>([
  [{}, false],
  [{ 'service.kubernetes.io/topology-mode': 'Auto' }, true],
  [{ 'service.kubernetes.io/topology-mode': 'Auto', 'service.kubernetes.io/topology-aware-hints': 'Disabled' }, false],
  [{ 'service.kubernetes.io/topology-mode': 'AUTO' }, false],
])('annotations %j ask for it: %s', (annotations, expected) => expect(wantsZoneShares({ apiVersion: 'v1', kind: 'Service', metadata: { annotations }, spec: {} })).toBe(expected));

describe('zones', () => {
  /** `zone` an endpoint there, `zone>other` one that is hinted already, `-` one that is not ready. */
  const slice = (...endpoints: string[]): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: {}, addressType: 'IPv4',
    endpoints: endpoints.map((text): Endpoint => {
      const [zone, hint] = text.split('>');
      return { addresses: [], conditions: { ready: text !== '-' }, ...(zone && { zone }), ...(hint && { hints: { forZones: [{ name: hint }] } }) };
    }),
  });
  const half = new Map([['a', 0.5], ['b', 0.5]]);
  const third = new Map([['a', 1 / 3], ['b', 1 / 3], ['c', 1 / 3]]);
  const cases: [string, EndpointSlice[], EndpointSlice[], ReadonlyMap<string, number> | undefined, string | string[]][] = [
    ['each its own, where they are enough', [], [slice('a', 'b', 'a', 'b')], half, ['a', 'b', 'a', 'b']],
    ['who has too many helps who has too few', [], [slice('a', 'a', 'a', 'b')], half, ['b', 'a', 'a', 'b']],
    ['also a zone without any', [], [slice('a', 'a', 'a', 'b', 'b', 'b')], third, ['c', 'a', 'a', 'c', 'b', 'b']],
    ['what is not ready has none', [], [slice('-', 'a', 'b')], half, ['', 'a', 'b']],
    ['what is not written keeps its own', [slice('a>b', 'a>a')], [slice('b', 'b')], half, ['b', 'a', 'a', 'b']],
    ['until a zone has too many', [slice('a>a', 'a>a', 'a>a')], [slice('b')], half, ['b', 'a', 'a', 'b']],
    ['and what is left over is hinted', [slice('a', 'b')], [], half, ['a', 'b']],
    ['too few endpoints', [], [slice('a')], half, 'Insufficient number of endpoints (1 endpoints, 2 zones)'],
    ['shares that whole endpoints cannot give', [], [slice('a', 'b', 'b')], half, 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)'],
    ['an endpoint without zone', [], [slice('a', '')], half, 'One or more endpoints do not have a zone specified'],
    ['no shares', [], [slice('a', 'b')], undefined, 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'],
  ];
  test.each(cases)('%s', (_, unchanged, changing, shares, expected) => {
    const found = hintZones(unchanged, changing, shares);
    expect(typeof found === 'string' ? found : [...unchanged, ...changing].flatMap(({ endpoints }) => endpoints.map((e) => found.get(e) ?? ''))).toEqual(expected);
  });
});

describe('slices', () => {
  let bed: Testbed;
  const inDefault = { namespace: 'default' };
  beforeEach(async () => {
    bed = await testbed();
    for (const zone of ['a', 'b']) await bed.client.create(Nodes, node(zone));
    for (const name of ['p1', 'p2', 'p3', 'p4']) {
      const ip = `10.0.0.${name.slice(1)}`;
      const made = await bed.client.create(Pods, { apiVersion: 'v1', kind: 'Pod', metadata: { name, ...inDefault, labels: { app: 'web' } }, spec: { nodeName: name === 'p4' ? 'in-b' : 'in-a', containers: [{ name: 'c', image: 'i' }] } });
      await bed.client.update(Pods, { ...made, status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] } }, { subresource: 'status' });
    }
    await bed.start(endpointSliceController(bed.context));
  });
  afterEach(async () => {
    expect(bed.errors).toEqual([]);
    await bed.stop();
  });
  const web = (more: Partial<Service['spec']> = {}): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', ...inDefault }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...more } });
  const patch = async (body: object) => {
    await bed.client.patch(Services, 'web', { type: 'merge', body }, inDefault);
    await bed.clock.advance(5000);
  };
  const hints = () => bed.client.objects(EndpointSlices).flatMap(({ endpoints }) => endpoints.map((e) => `${e.targetRef?.name}>${e.hints?.forZones?.map((z) => z.name).join() ?? ''}`)).sort();
  /** Each but once in a row: it is said at every look. */
  const said = () => bed.log.filter((line) => line.includes('TopologyAware')).map((line) => line.slice(line.indexOf('Topology'))).filter((line, i, all) => line !== all[i - 1]);

  test('of a Service whose traffic stays close are each for their own zone, as long as it does', async () => {
    await bed.client.create(Services, web({ trafficDistribution: 'PreferClose' }));
    await bed.clock.advance(5000);
    expect(hints()).toEqual(['p1>a', 'p2>a', 'p3>a', 'p4>b']);
    await patch({ spec: { trafficDistribution: null } });
    expect(hints()).toEqual(['p1>', 'p2>', 'p3>', 'p4>']);
  });

  test('are shared out where the annotation asks for it; events say so', async () => {
    await bed.client.create(Services, web({ trafficDistribution: 'PreferClose' }));
    await patch({ metadata: { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } } });
    expect(hints().map((hint) => hint.slice(-1)).sort()).toEqual(['a', 'a', 'b', 'b']);
    await patch({ metadata: { labels: { x: 'y' } } });
    await patch({ metadata: { labels: { x: null } } });
    expect(hints().map((hint) => hint.slice(-1)).sort()).toEqual(['a', 'a', 'b', 'b']);
    await bed.client.patch(Nodes, 'in-b', { type: 'merge', body: { status: { conditions: [{ type: 'Ready', status: 'False' }] } } }, { subresource: 'status' });
    await bed.clock.advance(5000);
    expect(hints()).toEqual(['p1>', 'p2>', 'p3>', 'p4>']);
    await bed.client.patch(Nodes, 'in-b', { type: 'merge', body: { status: { conditions: [{ type: 'Ready', status: 'True' }] } } }, { subresource: 'status' });
    await bed.clock.advance(5000);
    await patch({ metadata: { annotations: null } });
    expect(hints()).toEqual(['p1>a', 'p2>a', 'p3>a', 'p4>b']);
    expect(said()).toEqual([
      'TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4',
      'TopologyAwareHintsDisabled Insufficient Node information: allocatable CPU or zone not specified on one or more nodes, addressType: IPv4',
      'TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4',
      'TopologyAwareHintsDisabled Topology Aware Hints has been disabled, addressType: IPv4',
    ]);
  });
});
