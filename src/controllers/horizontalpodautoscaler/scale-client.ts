import { isReason, StatusError } from '../../api/errors.ts';
import type { CrossVersionObjectReference } from '../../api/types/autoscaling.v2.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';
import type { Scale } from './decide.ts';
import { getJson, requestJson, type Mapping, type RestMapper } from './rest-mapping.ts';

/** autoscaling/v1 Scale, as far as it is read. */
interface ScaleObject {
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number; readonly selector?: string };
}

/** Reads and sets the size of anything that has a scale subresource. */
export interface ScaleClient {
  get(target: CrossVersionObjectReference, namespace: string): Promise<Scale>;
  /** Sets the size; a conflict is met by reading again and writing the same size, five times 10 ms apart. */
  set(target: CrossVersionObjectReference, namespace: string, replicas: number): Promise<void>;
}

const TRIES = 5;
const RETRY_MS = 10;

export function scaleClient(client: Client, mapper: RestMapper, clock: Clock): ScaleClient {
  const pathOf = ({ root, plural }: Mapping, namespace: string, name: string) => `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(name)}/scale`;

  /** The first version whose scale answers; the first error when none does (horizontal.go scaleForResourceMappings). */
  const find = async (target: CrossVersionObjectReference, namespace: string): Promise<{ path: string; scale: ScaleObject }> => {
    let first: unknown;
    for (const mapping of await mapper.mappings(target.apiVersion, target.kind)) {
      const path = pathOf(mapping, namespace, target.name);
      try {
        return { path, scale: await getJson<ScaleObject>(client, path, `${mapping.plural}${mapping.group === '' ? '' : `.${mapping.group}`} ${target.name}`) };
      } catch (error) {
        first ??= error;
      }
    }
    if (first instanceof StatusError && first.code === 404) mapper.forget(target.apiVersion, target.kind);
    throw first;
  };

  return {
    async get(target, namespace) {
      const { scale } = await find(target, namespace);
      return { specReplicas: scale.spec?.replicas ?? 0, statusReplicas: scale.status?.replicas ?? 0, selector: scale.status?.selector ?? '' };
    },
    async set(target, namespace, replicas) {
      for (let tries = 1; ; tries++) {
        const { path, scale } = await find(target, namespace);
        try {
          await requestJson(client, { method: 'PUT', path, body: JSON.stringify({ ...scale, spec: { ...scale.spec, replicas } }) }, path);
          return;
        } catch (error) {
          if (!isReason(error, 'Conflict') || tries >= TRIES) throw error;
          await clock.sleep(RETRY_MS);
        }
      }
    },
  };
}
