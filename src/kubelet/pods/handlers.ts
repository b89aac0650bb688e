/** Lifecycle hooks (pkg/kubelet/lifecycle/handlers.go). */
import type { Container, LifecycleHandler, Pod } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import { httpGet, httpUrl, resolvePort, tcpConnect } from '../prober/network.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { runInContainer } from './run-in-container.ts';

export interface HookTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIP: string;
}

/** Runs one hook to its end; rejects when it fails or `signal` aborts. */
export async function runHook(handler: LifecycleHandler, target: HookTarget, runtime: Runtime, clock: Clock, signal: AbortSignal): Promise<void> {
  if (handler.exec) {
    const { code, output } = await runInContainer(runtime, target.containerId, handler.exec.command ?? [], signal);
    if (code !== 0) throw new Error(`command '${(handler.exec.command ?? []).join(' ')}' exited with ${code}: ${output}`);
  } else if (handler.httpGet) {
    const url = httpUrl(handler.httpGet, target.container, target.podIP);
    // A hook's answer is not judged: that it answered is enough (handlers.go runHTTPHandler).
    await httpGet(url, handler.httpGet.httpHeaders ?? [], 'kube-lifecycle/1.33', signal);
  } else if (handler.tcpSocket) {
    await tcpConnect(handler.tcpSocket.host || target.podIP, resolvePort(handler.tcpSocket.port, target.container), signal);
  } else if (handler.sleep) {
    await clock.sleep(handler.sleep.seconds * 1000, signal);
  }
}
