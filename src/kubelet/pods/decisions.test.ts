import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Container, ContainerStatus, Pod, PodSpec } from '../../api/types/core.v1.ts';
import type * as cri from '../runtime/runtime.ts';
import { podActions, type ProbeVerdicts } from './actions.ts';
import { createBackoff } from './backoff.ts';
import { ready } from './conditions.ts';
import { podPhase } from './phase.ts';
import { podStatus } from './status.ts';
import { containerHash, LABEL, type PodView } from './view.ts';

const container = (name: string, more: Partial<Container> = {}): Container => ({ name, image: 'i', ...more });
const pod = (spec: Partial<PodSpec> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'd', uid: 'u' }, spec: { containers: [container('a')], ...spec } });
const NO_PROBES: ProbeVerdicts = { startup: () => undefined, liveness: () => undefined, readiness: () => undefined };

type State = cri.ContainerStatus['state'];
let serial = 0;
const status = (name: string, state: State, exitCode?: number): cri.ContainerStatus => ({
  id: `${name}-${++serial}`, name, attempt: 0, state, image: 'i', imageId: 'i', createdAt: serial, startedAt: serial, finishedAt: state === 'exited' ? serial : undefined, exitCode,
  reason: undefined, message: undefined, pid: undefined, labels: { [LABEL.hash]: containerHash(container(name)) }, logPath: '',
});
const sandbox = (state: 'ready' | 'notready' = 'ready', attempt = 0): PodView['sandbox'] => ({ id: 's', podUid: 'u', namespace: 'd', name: 'p', attempt, state, createdAt: 0, ip: '10.0.0.9' });
/** Two containers, of which the API knows that the first has ended. */
const remembered = (restartPolicy: NonNullable<PodSpec['restartPolicy']>, exitCode: number): Pod => ({
  ...pod({ restartPolicy, containers: [container('a'), container('b')] }),
  status: { containerStatuses: [{ name: 'a', state: { terminated: { exitCode } }, ready: false, restartCount: 0, image: '', imageID: '' }, { name: 'b', state: { running: { startedAt: '' } }, ready: true, restartCount: 0, image: '', imageID: '' }] },
});
const view = (...containers: cri.ContainerStatus[]): PodView => ({ sandbox: sandbox(), containers });

describe('podActions', () => {
  const inits = [container('i1'), container('i2')];
  const side = [container('s1', { restartPolicy: 'Always' }), container('i2')];
  const cases: [string, Pod, PodView, Partial<ReturnType<typeof podActions>>][] = [
    ['a new pod gets a sandbox and its containers', pod({ containers: [container('a'), container('b')] }), { sandbox: undefined, containers: [] }, { createSandbox: true, attempt: 0, start: ['a', 'b'] }],
    ['with init containers only the first one starts', pod({ initContainers: inits }), { sandbox: undefined, containers: [] }, { createSandbox: true, startInit: ['i1'], start: [] }],
    ['a lost sandbox is made again', pod(), { sandbox: sandbox('notready'), containers: [status('a', 'exited', 137)] }, { killPod: true, createSandbox: true, attempt: 1, start: ['a'] }],
    ['but not for a pod that never restarts', pod({ restartPolicy: 'Never' }), { sandbox: sandbox('notready'), containers: [status('a', 'exited', 137)] }, { killPod: true, createSandbox: false }],
    ['nor when all succeeded', pod({ restartPolicy: 'OnFailure' }), { sandbox: sandbox('notready'), containers: [status('a', 'exited', 0)] }, { killPod: true, createSandbox: false }],
    ['of what the runtime has forgotten, what succeeded is not run again', remembered('OnFailure', 0), { sandbox: undefined, containers: [] }, { createSandbox: true, start: ['b'] }],
    ['nor once the pod has its new sandbox', remembered('OnFailure', 0), view(status('b', 'running')), { start: [] }],
    ['what failed is, where failures are', remembered('OnFailure', 1), { sandbox: undefined, containers: [] }, { start: ['a', 'b'] }],
    ['but not in a pod that never restarts', remembered('Never', 1), { sandbox: undefined, containers: [] }, { createSandbox: true, start: ['b'] }],
    ['and everything in one that always does', remembered('Always', 0), { sandbox: undefined, containers: [] }, { start: ['a', 'b'] }],
    ['what runs is kept', pod(), view(status('a', 'running')), { killPod: false, start: [], kill: [] }],
    ['Always restarts after success', pod(), view(status('a', 'exited', 0)), { start: ['a'] }],
    ['OnFailure does not', pod({ restartPolicy: 'OnFailure' }), view(status('a', 'exited', 0)), { killPod: true, start: [] }],
    ['OnFailure restarts after failure', pod({ restartPolicy: 'OnFailure' }), view(status('a', 'exited', 1)), { start: ['a'] }],
    ['Never never', pod({ restartPolicy: 'Never' }), view(status('a', 'exited', 1)), { killPod: true, start: [] }],
    ['while one runs the pod is kept', pod({ restartPolicy: 'Never', containers: [container('a'), container('b')] }), view(status('a', 'exited', 1), status('b', 'running')), { killPod: false, start: [] }],
    ['an init container that runs is waited for', pod({ initContainers: inits }), view(status('i1', 'running')), { startInit: [], start: [] }],
    ['the next one follows it', pod({ initContainers: inits }), view(status('i1', 'exited', 0)), { startInit: ['i2'], start: [] }],
    ['after the last the main ones start', pod({ initContainers: inits }), view(status('i1', 'exited', 0), status('i2', 'exited', 0)), { startInit: [], start: ['a'] }],
    ['also when the first is forgotten', pod({ initContainers: inits }), view(status('i2', 'exited', 0)), { startInit: [], start: ['a'] }],
    ['a failed one is tried again', pod({ initContainers: inits }), view(status('i1', 'exited', 1)), { startInit: ['i1'], start: [] }],
    ['or ends the pod', pod({ restartPolicy: 'Never', initContainers: inits }), view(status('i1', 'exited', 1)), { killPod: true, startInit: [] }],
    ['a sidecar that runs lets the next one start', pod({ initContainers: side }), view(status('s1', 'running')), { startInit: ['i2'], start: [] }],
    ['a sidecar that ended is started again', pod({ initContainers: side }), view(status('s1', 'exited', 0), status('i2', 'exited', 0), status('a', 'running')), { startInit: ['s1'], start: [] }],
    ['a pod that is done takes its sidecars with it', pod({ restartPolicy: 'Never', initContainers: side }), view(status('s1', 'running'), status('i2', 'exited', 0), status('a', 'exited', 0)), { killPod: true, startInit: [] }],
    ['a debug container starts at once', pod({ ephemeralContainers: [{ name: 'e', image: 'i' }] }), view(status('a', 'running')), { startEphemeral: ['e'], killPod: false }],
  ];
  test.each(cases)('%s', (_name, p, v, expected) => {
    expect(podActions(p, v, NO_PROBES)).toMatchObject(expected);
  });

  test('probes that failed kill, and say whether there is a restart', () => {
    const running = status('a', 'running');
    const failed: ProbeVerdicts = { ...NO_PROBES, liveness: () => 'failure' };
    expect(podActions(pod(), view(running), failed)).toMatchObject({ start: ['a'], kill: [{ id: running.id, message: 'Container a failed liveness probe, will be restarted', reason: 'liveness' }] });
    expect(podActions(pod({ restartPolicy: 'Never' }), view(running), failed)).toMatchObject({ start: [], killPod: true });
  });

  test('a sidecar with a startup probe holds the next one back until it passed', () => {
    const p = pod({ initContainers: [container('s1', { restartPolicy: 'Always', startupProbe: {} }), container('i2')] });
    const v = view(status('s1', 'running'));
    expect(podActions(p, v, NO_PROBES).startInit).toEqual([]);
    expect(podActions(p, v, { ...NO_PROBES, startup: () => 'success' }).startInit).toEqual(['i2']);
  });
});

describe('podPhase', () => {
  const running: ContainerStatus['state'] = { running: { startedAt: '' } };
  const done: ContainerStatus['state'] = { terminated: { exitCode: 0 } };
  const failed: ContainerStatus['state'] = { terminated: { exitCode: 1 } };
  const waiting: ContainerStatus['state'] = { waiting: { reason: 'x' } };
  const of = (name: string, state: ContainerStatus['state'], lastState?: ContainerStatus['state']): ContainerStatus => ({ name, state, ...(lastState && { lastState }), ready: false, restartCount: 0, image: '', imageID: '' });
  const two = { containers: [container('a'), container('b')] };
  test.each([
    ['running', {}, [of('a', running)], false, 'Running'],
    ['image not there', {}, [of('a', waiting)], false, 'Pending'],
    ['crash loop', {}, [of('a', waiting, failed)], false, 'Running'],
    ['one waits for the first time', two, [of('a', running), of('b', waiting)], false, 'Pending'],
    ['all succeeded, Always', {}, [of('a', done)], false, 'Running'],
    ['all succeeded, Never', { restartPolicy: 'Never' }, [of('a', done)], false, 'Succeeded'],
    ['all succeeded, OnFailure', { restartPolicy: 'OnFailure' }, [of('a', done)], false, 'Succeeded'],
    ['one failed, Never', { restartPolicy: 'Never', ...two }, [of('a', done), of('b', failed)], false, 'Failed'],
    ['one failed, OnFailure', { restartPolicy: 'OnFailure', ...two }, [of('a', done), of('b', failed)], false, 'Running'],
    ['ended by deletion, well', {}, [of('a', done)], true, 'Succeeded'],
    ['ended by deletion, not well', {}, [of('a', failed)], true, 'Failed'],
    ['init runs', { initContainers: [container('i')] }, [of('i', running), of('a', waiting)], false, 'Pending'],
    ['init failed, Never', { restartPolicy: 'Never', initContainers: [container('i')] }, [of('i', failed), of('a', waiting)], false, 'Failed'],
    ['nothing known', {}, [], false, 'Pending'],
  ] as const)('%s', (_name, spec, statuses, terminal, expected) => {
    expect(podPhase(pod(spec as Partial<PodSpec>), statuses as readonly ContainerStatus[], terminal, false)).toBe(expected);
  });
});

test('readiness gates', () => {
  const p = pod({ readinessGates: [{ conditionType: 'x/y' }] });
  const ok: ContainerStatus[] = [{ name: 'a', ready: true, restartCount: 0, image: '', imageID: '' }];
  expect(ready(p, ok, 'Running', [])).toEqual({ status: 'False', reason: 'ReadinessGatesNotReady', message: 'corresponding condition of pod readiness gate "x/y" does not exist.' });
  expect(ready(p, ok, 'Running', [{ type: 'x/y', status: 'False' }])).toMatchObject({ message: 'the status of pod readiness gate "x/y" is not "True", but False' });
  expect(ready(p, ok, 'Running', [{ type: 'x/y', status: 'True' }])).toEqual({ status: 'True' });
});

describe('podStatus', () => {
  const base = { probes: NO_PROBES, reasons: new Map(), runtimeName: 'test', terminal: false, hostIPs: ['1.1.1.1'], now: '2025-01-01T00:00:00Z' };
  test('keeps what others said and moves transition times only with the status', () => {
    const p = { ...pod(), status: { conditions: [{ type: 'x/y', status: 'True' }] } };
    const first = podStatus({ ...base, pod: p, view: view(status('a', 'running')), old: p.status });
    const second = podStatus({ ...base, pod: p, view: view(status('a', 'running')), old: first, now: '2025-01-01T01:00:00Z' });
    expect(second.conditions).toEqual(first.conditions);
    expect(second.conditions?.map((c) => c.type)).toEqual(['x/y', 'PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']);
    expect(second.startTime).toBe('2025-01-01T00:00:00Z');
  });
  test('never leaves a terminal phase', () => {
    const old = { phase: 'Failed' as const, reason: 'Evicted', message: 'm' };
    expect(podStatus({ ...base, pod: pod(), view: view(status('a', 'running')), old })).toMatchObject(old);
  });
  test('a restarted container shows how it ended before', () => {
    const [before, now] = [status('a', 'exited', 3), status('a', 'running')];
    const s = podStatus({ ...base, pod: pod(), view: view({ ...now, attempt: 1 }, before), old: {} });
    expect(s.containerStatuses).toMatchObject([{ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 3, reason: 'Error' } }, ready: true, started: true }]);
  });
  test('a container that is made and not started yet still says why it waits', () => {
    const made = status('a', 'created');
    expect(podStatus({ ...base, pod: pod(), view: view(made), old: {} }).containerStatuses).toMatchObject([{ state: { waiting: { reason: 'ContainerCreating' } } }]);
    expect(podStatus({ ...base, pod: pod(), view: view({ ...made, attempt: 1 }, status('a', 'exited', 3)), old: {} }).containerStatuses).toMatchObject([{ restartCount: 0, state: { terminated: { exitCode: 3 } } }]);
  });
  test('whom a container runs as', () => {
    const user = { uid: 1000, gid: 1000, supplementalGroups: [1000, 50_000] };
    expect(podStatus({ ...base, pod: pod(), view: view({ ...status('a', 'running'), user }), old: {} }).containerStatuses).toMatchObject([{ user: { linux: user } }]);
    expect(podStatus({ ...base, pod: pod(), view: view(status('a', 'running')), old: {} }).containerStatuses![0]).not.toHaveProperty('user');
  });
  test('a container that waits for its next start shows the wait, and the end as its last state', () => {
    const reasons = new Map([['a', { reason: 'CrashLoopBackOff', message: 'back-off' }]]);
    const s = podStatus({ ...base, reasons, pod: pod(), view: view(status('a', 'exited', 3)), old: {} });
    expect(s.containerStatuses).toMatchObject([{ state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, lastState: { terminated: { exitCode: 3 } } }]);
    expect(s.phase).toBe('Running');
  });
});

describe('back-off', () => {
  test('10 s doubling to 300 s; forgotten after 10 quiet minutes', () => {
    const b = createBackoff();
    const delays = Array.from({ length: 7 }, () => {
      b.next('k', 0);
      return b.get('k') / 1000;
    });
    expect(delays).toEqual([10, 20, 40, 80, 160, 300, 300]);
    expect(b.inBackOff('k', 600_000, 600_001)).toBe(true);
    expect(b.inBackOff('k', 600_001, 600_002)).toBe(false);
    b.next('k', 700_000);
    expect(b.get('k')).toBe(10_000);
  });
  test('never waits longer than 300 s after an end', () => {
    fc.assert(fc.property(fc.array(fc.nat(400_000), { maxLength: 40 }), (gaps) => {
      const b = createBackoff();
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        b.next('k', now);
        expect(b.inBackOff('k', now, now + 300_000)).toBe(false);
      }
    }));
  });
});
