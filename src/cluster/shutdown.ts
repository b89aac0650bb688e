import type { Clock } from '../base/clock.ts';
import { cleanup } from '../kubelet/runtime/processes/cleanup.ts';
import { clearKubelet, type Runtime } from '../kubelet/index.ts';

/** How long programs have to end by themselves when the whole cluster goes. */
const GRACE_MS = 3_000;

/** Stops every pod of a runtime: asked first, then killed; nothing is left of them. Their objects stay as they are, so that the next start brings them back. */
export async function stopAllPods(runtime: Runtime, clock: Clock): Promise<void> {
  const running = (await runtime.list()).flatMap((sandbox) => sandbox.containers).filter((c) => c.state === 'running');
  await Promise.allSettled(running.map((container) => runtime.signalContainer(container.id, 'SIGTERM')));
  const deadline = clock.monotonic() + GRACE_MS;
  const alive = async () => (await Promise.all(running.map((c) => runtime.containerStatus(c.id)))).some((status) => status?.state === 'running');
  while (clock.monotonic() < deadline && (await alive())) await clock.sleep(20);
  await Promise.allSettled((await runtime.list()).map(async ({ id }) => {
    await runtime.stopSandbox(id);
    await runtime.removeSandbox(id);
  }));
}

/** Where a node keeps things on the machine: its runtime's state, and its pods' files. */
export interface NodePlaces {
  readonly runtime: string;
  readonly pods: string;
}

/** Removes what a node has on the machine: processes, control groups, links, mounts and files. Nothing may be using it. */
export async function clearNode(places: NodePlaces, clock: Clock): Promise<void> {
  await cleanup(places.runtime, clock);
  await clearKubelet(places.pods);
}
