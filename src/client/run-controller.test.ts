import { describe, expect, it } from 'vitest';
import { conflict, forbidden, notFound, StatusError } from '../api/errors.ts';
import { virtualClock } from '../base/clock.ts';
import { controller, type ControllerOptions } from './run-controller.ts';
import type { WorkQueue } from './workqueue.ts';

function running(options: Partial<ControllerOptions> & Pick<ControllerOptions, 'reconcile'>) {
  const clock = virtualClock();
  const errors: string[] = [];
  let queue!: WorkQueue;
  const component = controller({ name: 'test', clock, setup: (given) => void (queue = given), onError: (key, error) => void errors.push(`${key}: ${(error as Error).message}`), ...options });
  return { clock, component, errors, queue: () => queue };
}

describe('controller', () => {
  it('fills what it stands on before it works', async () => {
    const order: string[] = [];
    const { component, clock } = running({
      setup: (queue) => {
        queue.add('d/a');
        return [{ start: async () => void order.push('filled') }];
      },
      reconcile: async (key) => void order.push(key),
    });
    await component.start();
    await component.start();
    await clock.settle();
    expect(order).toEqual(['filled', 'd/a']);
    await component.stop();
  });

  it('comes back when asked to, after a failure with back-off, and reports what is no conflict', async () => {
    const at: number[] = [];
    const outcomes = [() => Promise.reject(new Error('boom')), () => Promise.reject(conflict({ group: '', plural: 'pods' }, 'a', 'x')), async () => ({ afterMs: 1_000 }), async () => undefined];
    const { component, clock, errors, queue } = running({
      reconcile: () => {
        at.push(clock.monotonic());
        return outcomes.shift()!();
      },
    });
    await component.start();
    queue().add('d/a');
    await clock.advance(60_000);
    expect(at).toEqual([0, 5, 15, 1_015]);
    expect(errors).toEqual(['d/a: boom']);
    expect(queue().failures('d/a')).toBe(0);
    await component.stop();
  });

  it('gives up without a word where the namespace is ending or gone', async () => {
    const refusal = forbidden({ group: '', plural: 'endpoints' }, 'web', 'unable to create new content in namespace d because it is being terminated');
    const ending = new StatusError({ ...refusal.status, details: { causes: [{ reason: 'NamespaceTerminating', message: '', field: 'metadata.namespace' }] } });
    for (const failure of [ending, notFound({ group: '', plural: 'namespaces' }, 'd')]) {
      let tries = 0;
      const { component, clock, errors, queue } = running({
        reconcile: async () => {
          tries++;
          throw failure;
        },
      });
      await component.start();
      queue().add('d/web');
      await clock.advance(60_000);
      expect([tries, errors, queue().failures('d/web')]).toEqual([1, [], 0]);
      await component.stop();
    }
  });

  it('tries again after a plain refusal, and says so; what is gone it reports only when it stays so', async () => {
    const denied = running({ reconcile: () => Promise.reject(forbidden({ group: '', plural: 'pods' }, 'a', 'exceeded quota')) });
    await denied.component.start();
    denied.queue().add('d/a');
    await denied.clock.advance(10);
    expect(denied.errors).toHaveLength(2);
    await denied.component.stop();
    const gone = running({ reconcile: () => Promise.reject(notFound({ group: '', plural: 'pods' }, 'a')) });
    await gone.component.start();
    gone.queue().add('d/a');
    await gone.clock.advance(100);
    expect(gone.errors).toEqual([]);
    await gone.clock.advance(100);
    expect(gone.errors).toEqual(['d/a: pods "a" not found']);
    await gone.component.stop();
  });

  it('never works on one key twice at once, and on as many keys as it has workers', async () => {
    let now = 0;
    let most = 0;
    const { component, clock, queue } = running({
      workers: 3,
      reconcile: async () => {
        most = Math.max(most, ++now);
        await clock.sleep(10);
        now--;
      },
    });
    await component.start();
    for (let i = 0; i < 10; i++) queue().add('d/same');
    await clock.advance(5);
    queue().add('d/same');
    await clock.advance(100);
    expect(most).toBe(1);
    for (let i = 0; i < 10; i++) queue().add(`d/${i}`);
    await clock.advance(100);
    expect(most).toBe(3);
    await component.stop();
  });

  it('stops: aborts, waits for what runs, begins nothing', async () => {
    const done: string[] = [];
    const { component, clock, queue, errors } = running({
      reconcile: async (key, signal) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        done.push(key);
        throw new Error('stopped');
      },
    });
    await component.start();
    queue().add('d/a');
    queue().add('d/b');
    await clock.settle();
    await component.stop();
    await component.stop();
    expect([done, errors, clock.pending()]).toEqual([['d/a'], [], 0]);
  });
});
