import { describe, expect, test } from 'vitest';
import type { Container, Pod, ResourceRequirements } from '../../api/types/core.v1.ts';
import type { ContainerStatus } from '../runtime/runtime.ts';
import { podResources } from './resources.ts';
import { adoptedAllocation, allocationOf, isResizing, resizeConditions, resizeRestarts, resizeSteps, withAllocation } from './resize.ts';
import { LABEL, type PodView } from './view.ts';

const size = (cpu: string, memory: string): ResourceRequirements => ({ requests: { cpu, memory }, limits: { cpu, memory } });
const podOf = (containers: Record<string, ResourceRequirements>, more: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: Object.entries(containers).map(([name, resources]) => ({ name, image: 'i', resources })), ...more },
});
const running = (containers: Record<string, ResourceRequirements>, state: ContainerStatus['state'] = 'running'): PodView => ({
  sandbox: undefined,
  containers: Object.entries(containers).map(([name, resources]) => ({
    id: `id-${name}`, name, attempt: 0, state, image: 'i', imageId: 'i', createdAt: 0, startedAt: 0, finishedAt: undefined, exitCode: undefined, reason: undefined, message: undefined, pid: 1,
    labels: { [LABEL.resources]: JSON.stringify(resources) }, logPath: '',
  })),
});
/** `pod memory=128 cpu=200`, `a 100m/64Mi`: what is asked of the runtime, in order. */
const words = (pod: Pod, view: PodView, now?: ReturnType<typeof podResources>) => resizeSteps(pod, view, now).map((step) => (step.kind === 'pod'
  ? `pod ${(step.resources.memoryBytes ?? 0) / 2 ** 20}Mi ${(step.resources.cpuQuota ?? 0) / 100}m ${step.resources.cpuShares}`
  : `${step.name} ${step.requirements.limits?.['cpu']}/${step.requirements.limits?.['memory']}`));

describe('the order of a resize', () => {
  const A = size('100m', '64Mi');
  test.each<[string, Record<string, ResourceRequirements>, Record<string, ResourceRequirements>, string[]]>([
    ['nothing', { a: A }, { a: A }, []],
    ['the same in other words', { a: size('0.1', '67108864') }, { a: A }, []],
    ['larger: the pod first, memory before cpu', { a: size('200m', '128Mi') }, { a: A }, ['pod 128Mi 100m 102', 'a 100m/128Mi', 'pod 128Mi 200m 204', 'a 200m/128Mi']],
    ['smaller: the pod last', { a: size('100m', '64Mi') }, { a: size('200m', '128Mi') }, ['a 200m/64Mi', 'pod 64Mi 200m 204', 'a 100m/64Mi', 'pod 64Mi 100m 102']],
    ['from one to the other: who shrinks goes first, the pod stays', { a: size('300m', '64Mi'), b: size('100m', '64Mi') }, { a: size('100m', '64Mi'), b: size('300m', '64Mi') }, ['b 100m/64Mi', 'a 300m/64Mi']],
    ['requests alone', { a: { requests: { cpu: '50m' }, limits: { cpu: '1', memory: '1Gi' } } }, { a: { requests: { cpu: '10m' }, limits: { cpu: '1', memory: '1Gi' } } }, ['pod 1024Mi 1000m 51', 'a 1/1Gi']],
    ['a limit that is new', { a: { requests: { cpu: '50m' }, limits: { cpu: '100m' } } }, { a: { requests: { cpu: '50m' } } }, ['a 100m/undefined', 'pod 0Mi 100m 51']],
  ])('%s', (_name, wanted, actual, expected) => expect(words(podOf(wanted), running(actual))).toEqual(expected));

  test('what does not run is left alone, and the pod gets what it will need', () => {
    const pod = podOf({ a: size('200m', '128Mi') });
    const ended = running({ a: A }, 'exited');
    expect(words(pod, ended, podResources(podOf({ a: A })))).toEqual(['pod 128Mi 100m 102', 'pod 128Mi 200m 204']);
    expect(words(pod, ended, podResources(pod))).toEqual([]);
    expect(isResizing(pod, ended)).toBe(false);
  });

  test('sidecars too, other init containers not', () => {
    const init = (restartPolicy?: 'Always'): Pod => podOf({ a: A }, { initContainers: [{ name: 's', image: 'i', resources: size('200m', '64Mi'), ...(restartPolicy && { restartPolicy }) }] });
    expect(words(init('Always'), running({ a: A, s: A }))).toEqual(['pod 128Mi 300m 307', 's 200m/64Mi']);
    expect(words(init(), running({ a: A, s: A }))).toEqual([]);
  });
});

test('a pod as it was taken: only what can be resized is put back, and nothing is copied that is as it was', () => {
  const pod = podOf({ a: size('100m', '64Mi') });
  expect(withAllocation(pod, allocationOf(pod))).toBe(pod);
  const wanted = podOf({ a: size('200m', '64Mi') });
  expect(withAllocation(wanted, allocationOf(pod)).spec).toEqual(pod.spec);
  expect(adoptedAllocation(wanted, running({ a: size('100m', '64Mi') }))).toEqual(allocationOf(pod));
  expect(adoptedAllocation(wanted, running({}))).toEqual(allocationOf(wanted));
});

test.each([
  ['no policy', undefined, size('200m', '64Mi'), false],
  ['of the other resource', 'memory', size('200m', '64Mi'), false],
  ['of this resource', 'cpu', size('200m', '64Mi'), true],
  ['of this resource, unchanged', 'cpu', size('100m', '64Mi'), false],
] as const)('a restart for a resize: %s', (_name, restartFor, resources, expected) => {
  const container: Container = { name: 'a', image: 'i', resources, ...(restartFor && { resizePolicy: [{ resourceName: restartFor, restartPolicy: 'RestartContainer' }] }) };
  expect(resizeRestarts(container, running({ a: size('100m', '64Mi') }).containers[0]!)).toBe(expected);
});

test('conditions: pending and in progress may be there together, an error says why', () => {
  const pod = podOf({ a: size('200m', '64Mi') });
  const old = running({ a: size('100m', '64Mi') });
  expect(resizeConditions(pod, running({ a: size('200m', '64Mi') }), undefined, undefined)).toEqual([]);
  expect(resizeConditions(pod, old, { reason: 'Deferred', message: 'm' }, undefined)).toEqual([{ type: 'PodResizePending', status: 'True', reason: 'Deferred', message: 'm' }, { type: 'PodResizeInProgress', status: 'True' }]);
  expect(resizeConditions(pod, old, undefined, 'why')).toEqual([{ type: 'PodResizeInProgress', status: 'True', reason: 'Error', message: 'why' }]);
});
