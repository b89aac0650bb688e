/** What a container is made from. */
import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { ContainerConfig, Mount } from '../runtime/runtime.ts';
import type { ImageInfo, ImageUser } from '../types.ts';
import { expand } from './expansion.ts';
import { containerResources, oomScoreAdj } from './resources.ts';
import { runAs, security } from './security.ts';
import { containerHash, LABEL } from './view.ts';

/** Keeps the stop signal beside the container, for a kubelet that adopts it. */
export const STOP_SIGNAL_LABEL = 'coracle.dev/stop-signal';

export interface ContainerConfigInput {
  readonly pod: Pod;
  readonly container: Container;
  readonly attempt: number;
  readonly image: ImageInfo;
  readonly user: ImageUser;
  readonly env: readonly (readonly [string, string])[];
  readonly mounts: readonly Mount[];
  readonly logPath: string;
  readonly memoryCapacity: number;
  readonly hostname: string;
  readonly targetContainerId?: string;
}

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function containerConfig(input: ContainerConfigInput): ContainerConfig {
  const { pod, container, image } = input;
  const env = new Map<string, string>([['PATH', DEFAULT_PATH], ['HOSTNAME', input.hostname]]);
  for (const entry of image.config.env) {
    const eq = entry.indexOf('=');
    if (eq > 0) env.set(entry.slice(0, eq), entry.slice(eq + 1));
  }
  for (const [name, value] of input.env) env.set(name, value);
  const declared = new Map(input.env);
  const stopSignal = signalName(container.lifecycle?.stopSignal ?? image.config.stopSignal);
  return {
    name: container.name,
    attempt: input.attempt,
    image: { reference: image.reference, id: image.imageId, layers: image.layers, host: image.host },
    command: commandLine(container, image, (name) => declared.get(name)),
    workingDir: container.workingDir || image.config.workingDir || '/',
    env: [...env],
    mounts: input.mounts,
    user: runAs(pod, container, input.user),
    security: security(pod, container),
    resources: containerResources(container.resources),
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    logPath: input.logPath,
    stopSignal,
    oomScoreAdj: oomScoreAdj(pod, container, input.memoryCapacity),
    labels: {
      [LABEL.podName]: pod.metadata.name ?? '',
      [LABEL.podNamespace]: pod.metadata.namespace ?? '',
      [LABEL.podUid]: pod.metadata.uid ?? '',
      [LABEL.containerName]: container.name,
      [LABEL.hash]: containerHash(container),
      [LABEL.resources]: JSON.stringify(container.resources ?? {}),
      [STOP_SIGNAL_LABEL]: stopSignal,
    },
    ...(input.targetContainerId !== undefined && { targetContainerId: input.targetContainerId }),
  };
}

/** A command of the pod's replaces ENTRYPOINT and CMD; args alone replace CMD. */
export function commandLine(container: Container, image: ImageInfo, lookup: (name: string) => string | undefined): string[] {
  const command = (container.command ?? []).map((part) => expand(part, lookup));
  const args = (container.args ?? []).map((part) => expand(part, lookup));
  if (command.length > 0) return [...command, ...args];
  return [...image.config.entrypoint, ...(args.length > 0 ? args : image.config.cmd)];
}

/** `SIGQUIT`, `QUIT` → SIGQUIT. Numbers of Linux on x86 and arm. */
export function signalName(signal: string | undefined): NodeJS.Signals {
  const numbers: Readonly<Record<string, NodeJS.Signals>> = { 1: 'SIGHUP', 2: 'SIGINT', 3: 'SIGQUIT', 6: 'SIGABRT', 9: 'SIGKILL', 10: 'SIGUSR1', 12: 'SIGUSR2', 15: 'SIGTERM', 28: 'SIGWINCH' };
  if (!signal) return 'SIGTERM';
  return numbers[signal] ?? ((signal.startsWith('SIG') ? signal : `SIG${signal}`) as NodeJS.Signals);
}
