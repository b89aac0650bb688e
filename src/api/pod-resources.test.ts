import { expect, test } from 'vitest';
import { countedLists } from './pod-resources.ts';
import type { Container, Pod } from './types/core.v1.ts';

const cpu = (requests: string, limits: string) => ({ requests: { cpu: requests }, limits: { cpu: limits } });
const container: Container = { name: 'c', image: 'i', resources: cpu('3', '6') };
const pod = (status: Pod['status'], init = false): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: init ? { containers: [], initContainers: [container] } : { containers: [container] }, status });
const seen = { name: 'c', image: 'i', imageID: '', ready: true, restartCount: 0, resources: cpu('1', '4'), allocatedResources: { cpu: '2' } };
const pending = (reason: string) => ({ type: 'PodResizePending', status: 'True' as const, reason });

test.each<[string, Pod, string[], string[]]>([
  ['not seen yet', pod({}), ['3'], ['6']],
  ['being resized', pod({ containerStatuses: [seen] }), ['3', '1', '2'], ['6', '4']],
  ['waiting for room', pod({ containerStatuses: [seen], conditions: [pending('Deferred')] }), ['3', '1', '2'], ['6', '4']],
  ['never to be had', pod({ containerStatuses: [seen], conditions: [pending('Infeasible')] }), ['1', '2'], ['4']],
  ['an init container, which is not resized', pod({ initContainerStatuses: [seen] }, true), ['3'], ['6']],
])('%s', (_name, of, requests, limits) => {
  const counted = (which: 'requests' | 'limits') => countedLists(of, which)(container).map((list) => list?.['cpu']);
  expect([counted('requests'), counted('limits')]).toEqual([requests, limits]);
});
