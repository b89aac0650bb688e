/** Where the content of a pod's volumes comes from. */
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { PersistentVolumeClaims } from '../../api/kinds/core/persistent-volume-claim.ts';
import { PersistentVolumes } from '../../api/kinds/core/persistent-volume.ts';
import { Secrets } from '../../api/kinds/core/secret.ts';
import type { PersistentVolume, Pod, ProjectedVolumeSource, Volume, VolumeProjection } from '../../api/types/core.v1.ts';
import type { PodAddresses } from '../pods/downward.ts';
import type { ObjectCache } from '../pods/objects.ts';
import { configMapPayload, downwardPayload, merge, type Payload, secretPayload } from './payload.ts';
import type { Tokens } from './tokens.ts';
import { StepError, type VolumeError } from './types.ts';

export interface Sources {
  /** The files of a volume; undefined when the volume is not one of files the kubelet writes. `refreshAt`: when to ask again. Rejects with why it can't be had. */
  payload(pod: Pod, volume: Volume): Promise<{ readonly files: Payload; readonly refreshAt: number | undefined } | undefined>;
  /** The volume that a claim of the pod is bound to. Rejects with why not yet. */
  persistentVolume(pod: Pod, claimName: string): Promise<PersistentVolume>;
  /** What keeps the pod's volumes from being ready. */
  missing(pod: Pod): Promise<VolumeError['failures']>;
  forget(podUid: string): void;
}

export interface SourcesOptions {
  readonly objects: ObjectCache;
  readonly tokens: Tokens;
  readonly allocatable: Readonly<Record<string, string>>;
  addresses(pod: Pod): PodAddresses;
}

const DEFAULT_MODE = 0o644;
const DEFAULT_EXPIRATION = 3600;

/** The user that all containers of a pod run as, when it says so (volume/util FsUserFrom). */
function onlyUser({ spec }: Pod): number | undefined {
  const users = new Set([...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])].map((container) => container.securityContext?.runAsUser ?? spec.securityContext?.runAsUser));
  const [user] = users;
  return users.size === 1 ? user : undefined;
}

export function volumeSources({ objects, tokens, allocatable, addresses }: SourcesOptions): Sources {
  const configMap = async (pod: Pod, name: string, optional: boolean) => {
    const found = await objects.get(pod.metadata.uid ?? '', ConfigMaps, pod.metadata.namespace ?? '', name);
    if (!found && !optional) throw new Error(`configmap "${name}" not found`);
    return found;
  };
  const secret = async (pod: Pod, name: string, optional: boolean) => {
    const found = await objects.get(pod.metadata.uid ?? '', Secrets, pod.metadata.namespace ?? '', name);
    if (!found && !optional) throw new Error(`secret "${name}" not found`);
    return found;
  };

  const projection = async (pod: Pod, source: VolumeProjection, mode: number): Promise<{ files: Payload; refreshAt?: number }> => {
    if (source.configMap) {
      const { name = '', items, optional = false } = source.configMap;
      return { files: configMapPayload(items, await configMap(pod, name, optional), mode, optional) };
    }
    if (source.secret) {
      const { name = '', items, optional = false } = source.secret;
      return { files: secretPayload(items, await secret(pod, name, optional), mode, optional) };
    }
    if (source.downwardAPI) return { files: downwardPayload(source.downwardAPI.items ?? [], pod, mode, addresses(pod), allocatable) };
    if (source.serviceAccountToken) {
      const { path, audience, expirationSeconds = DEFAULT_EXPIRATION } = source.serviceAccountToken;
      const { token, refreshAt } = await tokens.get(pod, audience, expirationSeconds);
      // Nobody but whom the pod runs as, and its group, reads its token (projected.go); where its containers run as several users everybody of the pod does.
      const owner = onlyUser(pod);
      const own = owner !== undefined || pod.spec.securityContext?.fsGroup !== undefined;
      return { files: new Map([[path, { data: Buffer.from(token), mode: own ? 0o600 : mode, ...(owner !== undefined && { owner }) }]]), refreshAt };
    }
    throw new Error('clusterTrustBundle projections are not supported');
  };

  const projected = async (pod: Pod, source: ProjectedVolumeSource) => {
    const results = await Promise.allSettled((source.sources ?? []).map((s) => projection(pod, s, source.defaultMode ?? DEFAULT_MODE)));
    const errors = results.flatMap((r) => (r.status === 'rejected' ? [r.reason instanceof Error ? r.reason.message : String(r.reason)] : []));
    if (errors.length > 0) throw new Error(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
    const done = results.flatMap((r) => (r.status === 'fulfilled' ? [r.value] : []));
    const times = done.flatMap((d) => d.refreshAt ?? []);
    return { files: merge(done.map((d) => d.files)), refreshAt: times.length === 0 ? undefined : Math.min(...times) };
  };

  const payload: Sources['payload'] = async (pod, volume) => {
    if (volume.configMap) {
      const { name = '', items, defaultMode = DEFAULT_MODE, optional = false } = volume.configMap;
      return { files: configMapPayload(items, await configMap(pod, name, optional), defaultMode, optional), refreshAt: undefined };
    }
    if (volume.secret) {
      const { secretName = '', items, defaultMode = DEFAULT_MODE, optional = false } = volume.secret;
      return { files: secretPayload(items, await secret(pod, secretName, optional), defaultMode, optional), refreshAt: undefined };
    }
    if (volume.downwardAPI) {
      const { items = [], defaultMode = DEFAULT_MODE } = volume.downwardAPI;
      return { files: downwardPayload(items, pod, defaultMode, addresses(pod), allocatable), refreshAt: undefined };
    }
    return volume.projected ? projected(pod, volume.projected) : undefined;
  };

  const persistentVolume: Sources['persistentVolume'] = async (pod, claimName) => {
    const [uid, namespace] = [pod.metadata.uid ?? '', pod.metadata.namespace ?? ''];
    const claim = await objects.get(uid, PersistentVolumeClaims, namespace, claimName);
    if (!claim) throw new Error(`error getting PVC "${namespace}/${claimName}": could not find PVC`);
    if (claim.metadata.deletionTimestamp !== undefined) throw new Error(`error processing PVC ${namespace}/${claimName}: PVC is being deleted`);
    const bound = claim.spec.volumeName;
    if (claim.status?.phase !== 'Bound' || !bound) {
      throw new Error(`error processing PVC ${namespace}/${claimName}: PVC is not bound`);
    }
    const volume = await objects.get(uid, PersistentVolumes, '', bound);
    if (!volume) throw new Error(`failed to get PV ${bound} from API server: persistentvolumes "${bound}" not found`);
    return volume;
  };

  return {
    payload,
    persistentVolume,
    async missing(pod) {
      const failures: { volume: string; message: string }[] = [];
      for (const volume of pod.spec.volumes ?? []) {
        try {
          if (volume.persistentVolumeClaim) await persistentVolume(pod, volume.persistentVolumeClaim.claimName);
          else await payload(pod, volume);
        } catch (error) {
          failures.push({ volume: volume.name, message: setUpFailed(volume, error) });
        }
      }
      return failures;
    },
    forget: (uid) => tokens.forget(uid),
  };
}

export function setUpFailed(volume: Volume, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const { step, volume: name } = error instanceof StepError ? error : { step: 'MountVolume.SetUp failed', volume: volume.name };
  return `${step} for volume "${name}" : ${text}`;
}
