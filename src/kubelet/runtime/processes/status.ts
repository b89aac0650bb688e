import { allGroups } from '../groups.ts';
import type { ContainerStatus, SandboxStatus } from '../runtime.ts';
import type { ContainerRecord, Exit, Running, SandboxRecord } from './state.ts';

/** What is known of a container. */
export interface ContainerState {
  readonly record: ContainerRecord;
  readonly running: Running | undefined;
  readonly exit: Exit | undefined;
}

/** OOMKilled is a SIGKILL of the main process that the kernel's counter explains; a kill of something else in the container is not (containerd, and kubelet's reading of it). */
export function containerStatus({ record, running, exit }: ContainerState, ownUsers: boolean): ContainerStatus {
  const { config, startError } = record;
  const state = startError || exit ? 'exited' : running ? 'running' : 'created';
  return {
    id: record.id,
    name: config.name,
    attempt: config.attempt,
    state,
    image: config.image.reference,
    imageId: config.image.id,
    createdAt: record.createdAt,
    startedAt: running?.startedAt,
    finishedAt: startError?.at ?? exit?.at,
    exitCode: startError ? 128 : exit?.code,
    reason: startError ? 'StartError' : exit && reasonOf(exit),
    message: startError?.message,
    pid: state === 'running' ? running?.main.pid : undefined,
    labels: config.labels,
    logPath: config.logPath,
    ...(ownUsers && { user: { ...config.user, supplementalGroups: allGroups(config.user) } }),
  };
}

function reasonOf({ code, signal, oomKills }: Exit): string {
  if (code === 137 && signal === 9 && oomKills > 0) return 'OOMKilled';
  return code === 0 ? 'Completed' : 'Error';
}

export function sandboxStatus(record: SandboxRecord, containers: readonly ContainerState[], ownUsers: boolean): SandboxStatus {
  const { id, config, createdAt, ip, stopped } = record;
  return { id, podUid: config.podUid, namespace: config.namespace, name: config.name, attempt: config.attempt, state: stopped ? 'notready' : 'ready', createdAt, ip, containers: containers.map((container) => containerStatus(container, ownUsers)) };
}
