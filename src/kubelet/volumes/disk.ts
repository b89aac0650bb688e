/** Volumes for real, below the kubelet's directory: `pods/UID/volumes/PLUGIN/NAME`, as upstream lays them out. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Container, Pod, Volume } from '../../api/types/core.v1.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { isPrivileged } from '../../base/privileges.ts';
import type { Random } from '../../base/random.ts';
import { directorySize } from '../directory-size.ts';
import { podDirectory, podsDirectory } from '../paths.ts';
import type { Mount } from '../runtime/runtime.ts';
import { writeAtomically } from './atomic-writer.ts';
import { makeEmptyDir, unmountBelow } from './empty-dir.ts';
import { checkHostPath, checkLocalPath } from './host-path.ts';
import { giveToGroup } from './ownership.ts';
import { setUpFailed, type Sources } from './sources.ts';
import { expandSubPath, resolveSubPath } from './sub-path.ts';
import { StepError, VolumeError, type VolumeStep, type Volumes } from './types.ts';

export interface DiskVolumesOptions {
  readonly directory: string;
  readonly sources: Sources;
  readonly clock: Clock;
  readonly random: Random;
}

/** A volume that is ready: where it is, and whether containers only ever read it. */
interface Ready {
  readonly path: string;
  readonly readOnly: boolean;
}

interface PodState {
  readonly ready: Map<string, Ready>;
  /** Whose labels and annotations the downward files show. */
  seen: Pod;
  /** One change of the pod's volumes at a time. */
  turn: Promise<unknown>;
  refresh: Timer | undefined;
  gone: boolean;
}

export function diskVolumes({ directory, sources, clock, random }: DiskVolumesOptions): Volumes {
  const states = new Map<string, PodState>();
  // Without root there is one user, and all files are that one's (the node's conditions say so).
  const fsGroup = (pod: Pod) => (isPrivileged ? pod.spec.securityContext?.fsGroup : undefined);
  const pathOf = (pod: Pod, plugin: string, name: string) => join(podDirectory(directory, pod.metadata.uid ?? ''), 'volumes', `kubernetes.io~${plugin}`, name);

  const setUp = async (pod: Pod, volume: Volume, state: PodState): Promise<Ready> => {
    if (volume.emptyDir) {
      const path = pathOf(pod, 'empty-dir', volume.name);
      await makeEmptyDir(path, volume.emptyDir, fsGroup(pod));
      return { path, readOnly: false };
    }
    if (volume.hostPath) {
      await checkHostPath(volume.hostPath.path, volume.hostPath.type ?? '');
      return { path: volume.hostPath.path, readOnly: false };
    }
    const claim = volume.persistentVolumeClaim?.claimName ?? (volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined);
    if (claim !== undefined) return persistent(pod, claim, volume.persistentVolumeClaim?.readOnly === true);
    const written = await write(pod, volume, state);
    if (written) return written;
    throw new Error(`this node has no plugin for volumes of this kind (${Object.keys(volume).filter((k) => k !== 'name').join(', ')}); emptyDir, configMap, secret, projected, downwardAPI, hostPath and persistentVolumeClaim are supported`);
  };

  const persistent = async (pod: Pod, claim: string, readOnly: boolean): Promise<Ready> => {
    const { spec, metadata: { name = '' } } = await sources.persistentVolume(pod, claim);
    const failed = (step: VolumeStep) => (error: Error) => {
      throw new StepError(step, name, error.message);
    };
    if (spec.volumeMode === 'Block') throw new StepError('MapVolume.SetUp failed', name, 'this node gives no block devices (volumeDevices); use a volume whose volumeMode is Filesystem');
    if (spec.hostPath) {
      await checkHostPath(spec.hostPath.path, spec.hostPath.type ?? '').catch(failed('MountVolume.SetUp failed'));
      return { path: spec.hostPath.path, readOnly };
    }
    if (spec.local) {
      await checkLocalPath(spec.local.path).catch(failed('MountVolume.NewMounter initialization failed'));
      await giveToGroup(spec.local.path, fsGroup(pod), pod.spec.securityContext?.fsGroupChangePolicy === 'OnRootMismatch');
      return { path: spec.local.path, readOnly };
    }
    throw new Error(`this node has no plugin for the persistent volume's kind; hostPath and local are supported`);
  };

  const PLUGINS = { configMap: 'configmap', secret: 'secret', downwardAPI: 'downward-api', projected: 'projected' } as const;

  /** Writes a volume of files the first time, or again when its sources changed. */
  const write = async (pod: Pod, volume: Volume, state: PodState): Promise<Ready | undefined> => {
    const content = await sources.payload(pod, volume);
    if (!content) return undefined;
    const kind = (Object.keys(PLUGINS) as (keyof typeof PLUGINS)[]).find((k) => volume[k])!;
    const path = pathOf(pod, PLUGINS[kind], volume.name);
    await writeAtomically(path, content.files, { now: clock.now(), random, fsGroup: fsGroup(pod), mayChown: isPrivileged });
    if (content.refreshAt !== undefined && Number.isFinite(content.refreshAt)) {
      state.refresh?.cancel();
      // A failed refresh is tried again by the one who asks next; the token source itself keeps the old token while it counts.
      state.refresh = clock.after(content.refreshAt - clock.now(), () => void inTurn(state, () => rewrite(state)).catch(() => {}));
    }
    return { path, readOnly: true };
  };

  const collect = async (volumes: readonly Volume[], act: (volume: Volume) => Promise<void>) => {
    const failures: { volume: string; message: string }[] = [];
    await Promise.all(volumes.map((volume) => act(volume).catch((error: unknown) => void failures.push({ volume: volume.name, message: setUpFailed(volume, error) }))));
    if (failures.length > 0) throw new VolumeError(failures);
  };
  const rewrite = (state: PodState) =>
    collect((state.seen.spec.volumes ?? []).filter((v) => state.ready.has(v.name)), async (volume) => void (state.gone ? undefined : await write(state.seen, volume, state)));
  const inTurn = <T>(state: PodState, act: () => Promise<T>): Promise<T> => {
    const mine = state.turn.then(act);
    state.turn = mine.catch(() => {});
    return mine;
  };

  const subPath = async (ready: Ready, mount: NonNullable<Container['volumeMounts']>[number], lookup: (name: string) => string | undefined): Promise<string> => {
    const wanted = mount.subPathExpr ? expandSubPath(mount.subPathExpr, lookup) : mount.subPath;
    return wanted ? resolveSubPath(ready.path, wanted, mount.name) : ready.path;
  };

  return {
    async mount(pod) {
      const uid = pod.metadata.uid ?? '';
      const state = states.get(uid) ?? { ready: new Map(), seen: pod, turn: Promise.resolve(), refresh: undefined, gone: false };
      states.set(uid, state);
      const relabelled = state.seen.metadata.labels !== pod.metadata.labels || state.seen.metadata.annotations !== pod.metadata.annotations;
      state.seen = pod;
      const todo = (pod.spec.volumes ?? []).filter((v) => !state.ready.has(v.name));
      if (todo.length > 0) await inTurn(state, () => collect(todo, async (volume) => void state.ready.set(volume.name, await setUp(pod, volume, state))));
      else if (relabelled) await inTurn(state, () => rewrite(state));
    },
    async update(podUid) {
      const state = states.get(podUid);
      if (state) await inTurn(state, () => rewrite(state));
    },
    async mounts(pod, container, lookup) {
      const state = states.get(pod.metadata.uid ?? '');
      const [device] = container.volumeDevices ?? [];
      if (device) throw new Error(`volume ${device.name} has volumeMode Filesystem, but is specified in volumeDevices`);
      return Promise.all((container.volumeMounts ?? []).map(async (mount): Promise<Mount> => {
        const ready = state?.ready.get(mount.name);
        if (!ready) throw new Error(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
        if (mount.recursiveReadOnly === 'Enabled') throw new Error(`failed to resolve recursive read-only mode: volume "${mount.name}" requested recursive read-only mode, but it is not supported by the runtime`);
        const hostPath = await subPath(ready, mount, lookup);
        const containerPath = mount.mountPath.startsWith('/') ? mount.mountPath : `/${mount.mountPath}`;
        const propagation = mount.mountPropagation === 'Bidirectional' ? 'rshared' : mount.mountPropagation === 'HostToContainer' ? 'rslave' : 'private';
        return { hostPath, containerPath, readOnly: mount.readOnly === true || ready.readOnly, propagation };
      }));
    },
    async unmount(podUid) {
      const state = states.get(podUid);
      if (state) {
        state.gone = true;
        state.refresh?.cancel();
        await state.turn;
        states.delete(podUid);
      }
      const root = join(podDirectory(directory, podUid), 'volumes');
      await unmountBelow(root);
      await rm(root, { recursive: true, force: true });
    },
    async emptyDirUsage(pod) {
      const usage = new Map<string, number>();
      for (const volume of pod.spec.volumes ?? []) {
        if (volume.emptyDir) usage.set(volume.name, await directorySize(pathOf(pod, 'empty-dir', volume.name)));
      }
      return usage;
    },
    async removeOrphans(podUids) {
      for (const uid of await readdir(podsDirectory(directory)).catch(() => [])) {
        if (podUids.has(uid)) continue;
        await unmountBelow(podDirectory(directory, uid));
        await rm(podDirectory(directory, uid), { recursive: true, force: true });
      }
    },
    async stop() {
      for (const state of states.values()) {
        state.gone = true;
        state.refresh?.cancel();
      }
    },
  };
}
