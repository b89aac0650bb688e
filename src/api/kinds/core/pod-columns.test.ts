import { describe, expect, test } from 'vitest';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../../types/core.v1.ts';
import { podColumns } from './pod-columns.ts';

const NOW = Date.parse('2024-01-01T01:00:00Z');
const running: ContainerStatus = { name: 'c', image: 'i', imageID: '', ready: true, restartCount: 0, state: { running: {} } };
const waiting = (reason: string, restartCount = 0): ContainerStatus => ({ ...running, ready: false, restartCount, state: { waiting: { reason } } });
const ended = (exitCode: number, reason?: string, signal?: number): ContainerStatus => ({ ...running, ready: false, state: { terminated: { exitCode, ...(reason && { reason }), ...(signal && { signal }) } } });
const condition = (type: string, status = 'True') => ({ type, status });

const pod = (status: PodStatus, spec: Partial<PodSpec> = {}, deleted = false): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name: 'p', creationTimestamp: '2024-01-01T00:00:00Z', ...(deleted && { deletionTimestamp: '2024-01-01T00:30:00Z' }) },
  spec: { containers: [{ name: 'c' }], ...spec },
  status,
});
const init = (n: number, sidecar = false): Partial<PodSpec> => ({ initContainers: Array.from({ length: n }, (_, i) => ({ name: `i${i}`, ...(sidecar && { restartPolicy: 'Always' }) })) });

/** Rows of upstream's printers_test.go (TestPrintPod and friends), and the rules of printPod. */
const rows: [string, Pod, [ready: string, status: string, restarts: string]][] = [
  ['pending', pod({ phase: 'Pending' }), ['0/1', 'Pending', '0']],
  ['running', pod({ phase: 'Running', containerStatuses: [running] }), ['1/1', 'Running', '0']],
  ['container creating', pod({ phase: 'Pending', containerStatuses: [waiting('ContainerCreating')] }), ['0/1', 'ContainerCreating', '0']],
  ['crash loop', pod({ phase: 'Running', containerStatuses: [waiting('CrashLoopBackOff', 5)] }), ['0/1', 'CrashLoopBackOff', '5']],
  ['restart time', pod({ phase: 'Running', containerStatuses: [{ ...running, restartCount: 3, lastState: { terminated: { exitCode: 1, finishedAt: '2024-01-01T00:57:00Z' } } }] }), ['1/1', 'Running', '3 (3m ago)']],
  ['completed', pod({ phase: 'Succeeded', containerStatuses: [ended(0, 'Completed')] }), ['0/1', 'Completed', '0']],
  ['error', pod({ phase: 'Failed', containerStatuses: [ended(1, 'Error')] }), ['0/1', 'Error', '0']],
  ['exit code without reason', pod({ phase: 'Failed', containerStatuses: [ended(3)] }), ['0/1', 'ExitCode:3', '0']],
  ['signal without reason', pod({ phase: 'Failed', containerStatuses: [ended(0, undefined, 9)] }), ['0/1', 'Signal:9', '0']],
  ['one completed, one runs, ready', pod({ phase: 'Running', conditions: [condition('Ready')], containerStatuses: [ended(0, 'Completed'), running] }, { containers: [{ name: 'a' }, { name: 'b' }] }), ['1/2', 'Running', '0']],
  ['one completed, one runs, not ready', pod({ phase: 'Running', containerStatuses: [ended(0, 'Completed'), running] }, { containers: [{ name: 'a' }, { name: 'b' }] }), ['1/2', 'NotReady', '0']],
  ['init 0/2', pod({ phase: 'Pending', initContainerStatuses: [{ ...running, name: 'i0', ready: false }] }, init(2)), ['0/1', 'Init:0/2', '0']],
  ['init 1/2', pod({ phase: 'Pending', initContainerStatuses: [ended(0, 'Completed'), { ...running, name: 'i1', state: { waiting: { reason: 'PodInitializing' } } }] }, init(2)), ['0/1', 'Init:1/2', '0']],
  ['init error', pod({ phase: 'Pending', initContainerStatuses: [ended(1, 'Error')] }, init(1)), ['0/1', 'Init:Error', '0']],
  ['init exit code', pod({ phase: 'Pending', initContainerStatuses: [ended(2)] }, init(1)), ['0/1', 'Init:ExitCode:2', '0']],
  ['init crash loop counts its restarts', pod({ phase: 'Pending', initContainerStatuses: [waiting('CrashLoopBackOff', 4)] }, init(1)), ['0/1', 'Init:CrashLoopBackOff', '4']],
  ['after init, init restarts are not counted', pod({ phase: 'Running', conditions: [condition('Initialized')], initContainerStatuses: [{ ...ended(0, 'Completed'), restartCount: 7 }], containerStatuses: [running] }, init(1)), ['1/1', 'Running', '0']],
  ['sidecars count', pod({ phase: 'Running', initContainerStatuses: [{ ...running, name: 'i0', started: true, restartCount: 2 }], containerStatuses: [running] }, init(1, true)), ['2/2', 'Running', '2']],
  ['reason of the pod', pod({ phase: 'Failed', reason: 'Evicted' }), ['0/1', 'Evicted', '0']],
  ['scheduling gated', pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }), ['0/1', 'SchedulingGated', '0']],
  ['terminating', pod({ phase: 'Running', containerStatuses: [running] }, {}, true), ['1/1', 'Terminating', '0']],
  ['finished and deleted keeps its state', pod({ phase: 'Failed', containerStatuses: [ended(1, 'Error')] }, {}, true), ['0/1', 'Error', '0']],
  ['node lost', pod({ phase: 'Running', reason: 'NodeLost', containerStatuses: [running] }, {}, true), ['1/1', 'Unknown', '0']],
];

describe('columns of pods', () => {
  test.each(rows)('%s', (_name, object, expected) => {
    const cells = podColumns.map((column) => column.cell(object, NOW));
    expect(cells.slice(1, 4)).toEqual(expected);
    expect(cells[4]).toBe('60m');
  });

  test('wide columns', () => {
    const object = pod({ podIPs: [{ ip: '10.0.0.9' }], nominatedNodeName: 'n2', conditions: [condition('a'), condition('b', 'False')] }, { nodeName: 'n1', readinessGates: [{ conditionType: 'a' }, { conditionType: 'b' }] });
    expect(podColumns.slice(5).map((column) => column.cell(object, NOW))).toEqual(['10.0.0.9', 'n1', 'n2', '1/2']);
    expect(podColumns.slice(5).map((column) => column.cell(pod({}), NOW))).toEqual(['<none>', '<none>', '<none>', '<none>']);
  });
});
