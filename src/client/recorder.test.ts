import { describe, expect, it } from 'vitest';
import { forbidden } from '../api/errors.ts';
import { Events } from '../api/kinds/core/event.ts';
import type { KubeObject } from '../api/object.ts';
import type { Event } from '../api/types/core.v1.ts';
import { virtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { memoryStore } from '../store/memory.ts';
import type { Client } from './client.ts';
import { createRecorder } from './recorder.ts';
import { tinyApi } from './tiny-api.suite.ts';

const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'd', uid: 'u1', resourceVersion: '7' } };
const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'u2' } };

function setUp(change: (api: Client) => Client = (api) => api) {
  const clock = virtualClock();
  const api = change(tinyApi(memoryStore()));
  const errors: string[] = [];
  const recorder = createRecorder(api, clock, seededRandom(1), 'kubelet', { host: 'n1', onError: (error) => void errors.push(error.message) });
  const written = async () => {
    await recorder.flush();
    return (await api.list(Events)).items;
  };
  return { clock, recorder, written, errors };
}
const brief = (events: readonly Event[]) => events.map((event) => `${event.count} ${event.message}`).sort();

describe('createRecorder', () => {
  it('writes an Event as client-go does', async () => {
    const { recorder, written } = setUp();
    recorder.event(pod, 'Normal', 'Pulled', 'Container image "x" already present on machine', { fieldPath: 'spec.containers{web}' });
    const [event] = await written();
    expect(event?.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
    expect(event).toMatchObject({
      metadata: { namespace: 'd' },
      involvedObject: { kind: 'Pod', namespace: 'd', name: 'web', uid: 'u1', apiVersion: 'v1', resourceVersion: '7', fieldPath: 'spec.containers{web}' },
      reason: 'Pulled',
      message: 'Container image "x" already present on machine',
      source: { component: 'kubelet', host: 'n1' },
      firstTimestamp: '2025-01-01T00:00:00Z',
      lastTimestamp: '2025-01-01T00:00:00Z',
      count: 1,
      type: 'Normal',
      reportingComponent: 'kubelet',
      reportingInstance: 'n1',
    });
  });

  it('puts events of cluster-scoped objects into default, and gives odd names a UUID', async () => {
    const { recorder, written } = setUp();
    recorder.event(node, 'Normal', 'Starting', 'x');
    recorder.event({ ...node, metadata: { name: 'system:node', uid: 'u3' } }, 'Normal', 'Odd', 'x');
    const events = await written();
    expect(events.map((event) => event.metadata.namespace)).toEqual(['default', 'default']);
    expect(events.find((event) => event.reason === 'Odd')?.metadata.name).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('counts the same event up', async () => {
    const { clock, recorder, written } = setUp();
    for (let i = 0; i < 3; i++) {
      recorder.event(pod, 'Warning', 'BackOff', 'Back-off');
      await clock.advance(10_000);
    }
    expect(await written()).toMatchObject([{ count: 3, firstTimestamp: '2025-01-01T00:00:00Z', lastTimestamp: '2025-01-01T00:00:20Z' }]);
  });

  it('combines the tenth similar one and all after it', async () => {
    const { recorder, written } = setUp();
    for (let i = 1; i <= 12; i++) recorder.event(pod, 'Warning', 'Failed', `try ${i}`);
    const events = brief(await written());
    expect(events).toHaveLength(10);
    expect(events).toContain('3 (combined from similar events): try 12');
    expect(events).toContain('1 try 9');
    expect(events).not.toContain('1 try 10');
  });

  it('starts anew when ten minutes have passed', async () => {
    const { clock, recorder, written } = setUp();
    for (let i = 1; i <= 9; i++) recorder.event(pod, 'Warning', 'Failed', `try ${i}`);
    await clock.advance(600_001);
    recorder.event(pod, 'Warning', 'Failed', 'try 10');
    expect(brief(await written())).toContain('1 try 10');
  });

  it('lets 25 through at once, then one in five minutes, each object and type for itself', async () => {
    const { clock, recorder, written } = setUp();
    for (let i = 0; i < 40; i++) recorder.event(pod, 'Normal', `R${i}`, 'x');
    recorder.event(pod, 'Warning', 'W', 'x');
    expect(await written()).toHaveLength(26);
    await clock.advance(299_000);
    recorder.event(pod, 'Normal', 'Early', 'x');
    expect(await written()).toHaveLength(26);
    await clock.advance(1_001);
    recorder.event(pod, 'Normal', 'Due', 'x');
    expect(await written()).toHaveLength(27);
  });

  it('writes an event anew that is gone meanwhile', async () => {
    const store = memoryStore();
    const { recorder, written } = setUp(() => tinyApi(store));
    recorder.event(pod, 'Normal', 'A', 'x');
    await written();
    for (const entry of store.list('').entries) await store.delete(entry.key);
    recorder.event(pod, 'Normal', 'A', 'x');
    expect(await written()).toMatchObject([{ count: 2 }]);
  });

  it('tries again where the API is away, and takes its no for an answer', async () => {
    let answer: Error | undefined = new Error('connection refused');
    let asked = 0;
    const { clock, recorder, written, errors } = setUp((api) => ({
      ...api,
      create: (type, object, options) => {
        asked++;
        return answer ? Promise.reject(answer) : api.create(type, object, options);
      },
    }));
    recorder.event(pod, 'Normal', 'A', 'x');
    await clock.advance(25_000);
    expect(asked).toBeGreaterThan(1);
    answer = undefined;
    await clock.advance(10_000);
    expect(await written()).toHaveLength(1);
    answer = forbidden(Events, 'x', 'no');
    recorder.event(pod, 'Normal', 'B', 'x');
    await written();
    expect(errors).toEqual(['events "x" is forbidden: no']);
    answer = new Error('connection refused');
    recorder.event(pod, 'Normal', 'C', 'x');
    await clock.advance(1_000_000);
    expect(errors).toEqual(['events "x" is forbidden: no', 'connection refused']);
  });
});
