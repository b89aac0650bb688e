/** Starts one container: back-off, image, configuration, create, start, postStart (kuberuntime_container.go startContainer). */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Secrets } from '../../api/kinds/core/secret.ts';
import type { ConfigMap, Container, Pod, Secret } from '../../api/types/core.v1.ts';
import { formatDuration } from '../../base/duration.ts';
import { containerLog, terminationMessage } from '../paths.ts';
import type { ContainerConfig, Mount } from '../runtime/runtime.ts';
import type { ImageInfo } from '../types.ts';
import { containerConfig } from './container-config.ts';
import type { WorkerDeps } from './deps.ts';
import { environment, envReferences } from './env.ts';
import { runHook } from './handlers.ts';
import { untilAborted } from './kill.ts';
import { StartError, type ContainerEvent } from './pull.ts';
import { authsFor } from './pull-secrets.ts';
import { hostname } from './sandbox-config.ts';
import { nonRootComplaint, podLabel, wantedUser } from './security.ts';
import { containerHash, ephemeralContainers, newest, type PodView } from './view.ts';

export interface StartContext {
  readonly pod: Pod;
  readonly view: PodView;
  readonly sandboxId: string;
  readonly podIP: string;
  readonly deps: WorkerDeps;
  /** Restarts that the API knows of, for containers that the runtime has forgotten. */
  readonly restartCount: (container: string) => number;
  readonly signal: AbortSignal;
  /** Called as soon as the container exists. */
  readonly created: (containerId: string) => Promise<void>;
  /** The postStart hook failed: the container must go. */
  readonly kill: (containerId: string, message: string) => Promise<void>;
}

/** A failure is tried again after this long, when nothing says otherwise (pod_workers.go backOffPeriod). */
const RETRY_MS = 10_000;
/** A container that did not come up is restarted as one that ended: soon the first time, then after its back-off. */
const RESTART_MS = 1000;

/** Rejects with StartError, whose reason and message are the container's waiting state. */
export async function startContainer(container: Container, context: StartContext): Promise<void> {
  const { pod, deps, signal } = context;
  const event: ContainerEvent = (type, reason, message) => deps.events.event(pod, type, reason, message, { fieldPath: fieldPath(pod, container.name) });
  checkBackOff(container, context, event);

  const image = await deps.puller.ensure(pod, container, await untilAborted(pullAuths(pod, container, deps), signal), event, signal).catch((error: unknown) => {
    if (error instanceof StartError && error.reason !== 'ImagePullBackOff') event('Warning', 'Failed', `Error: ${error.reason}`);
    throw error;
  });
  signal.throwIfAborted();

  let config: ContainerConfig;
  try {
    config = await untilAborted(configure(container, image, context), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw failed(event, 'CreateContainerConfigError', error, deps.clock.now() + RETRY_MS);
  }
  signal.throwIfAborted();

  let id: string;
  try {
    id = await deps.runtime.createContainer(context.sandboxId, config);
  } catch (error) {
    throw failed(event, 'CreateContainerError', error, deps.clock.now() + RETRY_MS);
  }
  event('Normal', 'Created', `Created container: ${container.name}`);
  await context.created(id);
  try {
    await deps.runtime.startContainer(id);
  } catch (error) {
    await context.created(id);
    throw failed(event, 'RunContainerError', error, deps.clock.now() + RESTART_MS);
  }
  event('Normal', 'Started', `Started container ${container.name}`);
  await context.created(id);
  await postStart(container, id, context, event);
}

function failed(event: ContainerEvent, reason: string, error: unknown, retryAt: number): StartError {
  const message = error instanceof Error ? error.message : String(error);
  event('Warning', 'Failed', `Error: ${message}`);
  return new StartError(reason, message, retryAt);
}

/** Under which a container's restarts are counted. */
export function restartKey(pod: Pod, container: Container): string {
  return `${podLabel(pod)}_${container.name}_${containerHash(container)}`;
}

/** The last end starts the clock: 10 s after it, then 20, 40 … 300 (kuberuntime_manager.go doBackOff). */
function checkBackOff(container: Container, { pod, view, deps }: StartContext, event: ContainerEvent): void {
  // One that was created and never ran failed to start.
  const ended = view.containers.find((c) => c.name === container.name && (c.state === 'exited' || c.state === 'created'));
  if (!ended) return;
  const key = restartKey(pod, container);
  const finishedAt = ended.finishedAt ?? ended.createdAt;
  const now = deps.clock.now();
  if (deps.restarts.inBackOff(key, finishedAt, now)) {
    const delay = deps.restarts.get(key);
    if (deps.restarts.announce(key, finishedAt + delay)) event('Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${podLabel(pod)}`);
    throw new StartError('CrashLoopBackOff', `back-off ${formatDuration(delay)} restarting failed container=${container.name} pod=${podLabel(pod)}`, finishedAt + delay);
  }
  deps.restarts.next(key, now);
}

async function pullAuths(pod: Pod, container: Container, deps: WorkerDeps) {
  const uid = pod.metadata.uid ?? '';
  const names = (pod.spec.imagePullSecrets ?? []).flatMap((s) => (s.name ? [s.name] : []));
  const secrets = await Promise.all(names.map((name) => deps.objects.get(uid, Secrets, pod.metadata.namespace ?? '', name)));
  const missing = names.filter((_name, i) => secrets[i] === undefined);
  if (missing.length > 0) {
    deps.events.event(pod, 'Warning', 'FailedToRetrieveImagePullSecret', `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`);
  }
  return authsFor(container.image ?? '', secrets.filter((s) => s !== undefined));
}

async function configure(container: Container, image: ImageInfo, context: StartContext): Promise<ContainerConfig> {
  const { pod, view, deps, podIP } = context;
  const uid = pod.metadata.uid ?? '';
  const env = environment({
    pod, container,
    ...(await referenced(pod, container, deps)),
    services: deps.services(pod.metadata.namespace ?? ''),
    addresses: { podIPs: podIP === '' ? [] : [podIP], hostIPs: deps.hostIPs },
    allocatable: deps.allocatable,
  });
  const user = await deps.images.resolveUser(image, wantedUser(pod, container, image.config.user));
  const complaint = nonRootComplaint(pod, container, user, image.config.user);
  if (complaint !== undefined) throw new Error(complaint);
  const before = newest(view, container.name);
  const attempt = before ? before.attempt + 1 : context.restartCount(container.name);
  const values = new Map(env);
  const mounts = await deps.volumes.mounts(pod, container, (name) => values.get(name));
  const logPath = deps.directory === undefined ? '' : containerLog(deps.directory, pod, container.name, attempt);
  if (deps.directory !== undefined) {
    await mkdir(dirname(logPath), { recursive: true });
    mounts.push(await messageMount(terminationMessage(deps.directory, uid, container.name, attempt), container));
  }
  return containerConfig({
    pod, container, attempt, image, user, env, mounts, logPath,
    memoryCapacity: deps.memoryCapacity,
    hostname: hostname(pod, deps.dns.clusterDomain),
    ...targetOf(pod, container, view),
  });
}

/** Where the container writes its last words: a file that outlives it. */
async function messageMount(path: string, container: Container): Promise<Mount> {
  await mkdir(dirname(path), { recursive: true });
  // World-writable: the container may run as anyone (kuberuntime_container.go makeMounts).
  await writeFile(path, '');
  await chmod(path, 0o666);
  return { hostPath: path, containerPath: container.terminationMessagePath || '/dev/termination-log', readOnly: false, propagation: 'private' };
}

/** An ephemeral container joins the process namespace of its target. */
function targetOf(pod: Pod, container: Container, view: PodView): { targetContainerId?: string } {
  const target = ephemeralContainers(pod).find((c) => c.name === container.name)?.targetContainerName;
  if (!target) return {};
  const status = newest(view, target);
  if (status?.state !== 'running') throw new Error(`unable to find target container ${target}`);
  return { targetContainerId: status.id };
}

async function referenced(pod: Pod, container: Container, deps: WorkerDeps): Promise<{ configMaps: Map<string, ConfigMap>; secrets: Map<string, Secret> }> {
  const names = envReferences(container);
  const [uid, namespace] = [pod.metadata.uid ?? '', pod.metadata.namespace ?? ''];
  const configMaps = new Map<string, ConfigMap>();
  const secrets = new Map<string, Secret>();
  await Promise.all([
    ...names.configMaps.map(async (name) => {
      const found = await deps.objects.get(uid, ConfigMaps, namespace, name);
      if (found) configMaps.set(name, found);
    }),
    ...names.secrets.map(async (name) => {
      const found = await deps.objects.get(uid, Secrets, namespace, name);
      if (found) secrets.set(name, found);
    }),
  ]);
  return { configMaps, secrets };
}

async function postStart(container: Container, id: string, context: StartContext, event: ContainerEvent): Promise<void> {
  const hook = container.lifecycle?.postStart;
  if (!hook) return;
  const { pod, deps, podIP, signal } = context;
  try {
    await runHook(hook, { pod, container, containerId: id, podIP }, deps.runtime, deps.clock, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    event('Warning', 'FailedPostStartHook', 'PostStartHook failed');
    await context.kill(id, 'FailedPostStartHook');
    throw new StartError('PostStartHookError', error instanceof Error ? error.message : String(error), deps.clock.now());
  }
}

/** `spec.containers{web}`: how events name a container (container/ref.go). */
export function fieldPath(pod: Pod, name: string): string {
  if (pod.spec.initContainers?.some((c) => c.name === name)) return `spec.initContainers{${name}}`;
  if (ephemeralContainers(pod).some((c) => c.name === name)) return `spec.ephemeralContainers{${name}}`;
  return `spec.containers{${name}}`;
}
