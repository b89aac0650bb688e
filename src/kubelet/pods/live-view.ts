/** One pod's part of the runtime, kept current by the runtime's events. */
import type { ContainerStatus, Runtime, SandboxStatus } from '../runtime/runtime.ts';
import type { PodView } from './view.ts';

export interface LiveView {
  readonly view: PodView;
  /** Takes in what runs already, or a new sandbox. */
  addSandbox(sandbox: SandboxStatus): void;
  sandboxLost(id: string): void;
  /** Asks the runtime for the container's state. `message` gives an ended container its termination message. */
  refresh(id: string): Promise<void>;
  /** Resolves once the container is not running, as far as the runtime told us. */
  exited(id: string): Promise<void>;
  /** Containers beyond the newest two of each name: not needed for status or logs any more. */
  surplus(): readonly ContainerStatus[];
  forget(id: string): void;
  /** Every sandbox that was made and not removed yet, newest first. */
  readonly sandboxIds: readonly string[];
  forgetSandbox(id: string): void;
}

export function liveView(runtime: Runtime, message: (status: ContainerStatus) => Promise<string | undefined>): LiveView {
  const sandboxes: Omit<SandboxStatus, 'containers'>[] = [];
  const containers = new Map<string, ContainerStatus>();
  const waiters = new Map<string, (() => void)[]>();
  let view: PodView | undefined;

  const touch = () => void (view = undefined);
  const put = (status: ContainerStatus) => {
    const before = containers.get(status.id);
    // Two answers may cross: an end is never taken back.
    if (before?.state === 'exited' && status.state !== 'exited') return;
    containers.set(status.id, status);
    touch();
    if (status.state === 'running' || status.state === 'created') return;
    for (const wake of waiters.get(status.id) ?? []) wake();
    waiters.delete(status.id);
  };

  return {
    get view() {
      view ??= {
        sandbox: sandboxes[0],
        containers: [...containers.values()].sort((a, b) => b.createdAt - a.createdAt || b.attempt - a.attempt),
      };
      return view;
    },
    addSandbox({ containers: inside, ...sandbox }) {
      sandboxes.push(sandbox);
      sandboxes.sort((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt);
      for (const status of inside) containers.set(status.id, status);
      touch();
    },
    sandboxLost(id) {
      const i = sandboxes.findIndex((s) => s.id === id);
      if (i < 0) return;
      sandboxes[i] = { ...sandboxes[i]!, state: 'notready' };
      touch();
    },
    async refresh(id) {
      const status = await runtime.containerStatus(id);
      if (!status) {
        const last = containers.get(id);
        if (last && last.state !== 'exited') put({ ...last, state: 'unknown' });
        return;
      }
      if (status.state !== 'exited' || containers.get(id)?.state === 'exited') return put(status.state === 'exited' ? containers.get(id)! : status);
      const text = await message(status);
      put(text === undefined ? status : { ...status, message: text });
    },
    exited(id) {
      const state = containers.get(id)?.state;
      if (state !== 'running' && state !== 'created') return Promise.resolve();
      return new Promise((resolve) => waiters.set(id, [...(waiters.get(id) ?? []), resolve]));
    },
    surplus() {
      const seen = new Map<string, number>();
      return this.view.containers.filter((c) => {
        const count = (seen.get(c.name) ?? 0) + 1;
        seen.set(c.name, count);
        return (count > 2 && c.state === 'exited') || (count > 1 && c.state === 'created');
      });
    },
    forget(id) {
      containers.delete(id);
      touch();
    },
    get sandboxIds() {
      return sandboxes.map((s) => s.id);
    },
    forgetSandbox(id) {
      const i = sandboxes.findIndex((s) => s.id === id);
      if (i >= 0) sandboxes.splice(i, 1);
      touch();
    },
  };
}
