/** The files of configMap, secret, downwardAPI and projected volumes: pure (pkg/volume/{configmap,secret,downwardapi,projected}). */
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret } from '../../api/types/core.v1.ts';
import { fieldValue, resourceValue, type PodAddresses } from '../pods/downward.ts';

export interface FileContent {
  readonly data: Buffer;
  /** Permission bits. */
  readonly mode: number;
  /** The user it belongs to; default: the kubelet's own. */
  readonly owner?: number;
}

/** By path relative to the volume's root. */
export type Payload = ReadonlyMap<string, FileContent>;

export function configMapPayload(items: readonly KeyToPath[] | undefined, configMap: ConfigMap | undefined, defaultMode: number, optional: boolean): Payload {
  const data = new Map<string, Buffer>();
  for (const [key, text] of Object.entries(configMap?.data ?? {})) data.set(key, Buffer.from(text, 'utf8'));
  for (const [key, base64] of Object.entries(configMap?.binaryData ?? {})) data.set(key, Buffer.from(base64, 'base64'));
  return project(items, data, defaultMode, optional, (key) => `configmap references non-existent config key: ${key}`);
}

export function secretPayload(items: readonly KeyToPath[] | undefined, secret: Secret | undefined, defaultMode: number, optional: boolean): Payload {
  const data = new Map(Object.entries(secret?.data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, 'base64')]));
  return project(items, data, defaultMode, optional, (key) => `references non-existent secret key: ${key}`);
}

/** Without items every key is a file; with them only the named ones, under their paths. */
function project(items: readonly KeyToPath[] | undefined, data: ReadonlyMap<string, Buffer>, defaultMode: number, optional: boolean, missing: (key: string) => string): Payload {
  const payload = new Map<string, FileContent>();
  if (items === undefined || items.length === 0) {
    for (const [key, bytes] of data) payload.set(key, { data: bytes, mode: defaultMode });
    return payload;
  }
  for (const item of items) {
    const bytes = data.get(item.key);
    if (bytes) payload.set(item.path, { data: bytes, mode: item.mode ?? defaultMode });
    else if (!optional) throw new Error(missing(item.key));
  }
  return payload;
}

export function downwardPayload(items: readonly DownwardAPIVolumeFile[], pod: Pod, defaultMode: number, addresses: PodAddresses, allocatable: Readonly<Record<string, string>>): Payload {
  const payload = new Map<string, FileContent>();
  for (const item of items) {
    let text = '';
    if (item.fieldRef) text = fieldValue(item.fieldRef, pod, addresses);
    else if (item.resourceFieldRef) {
      const name = item.resourceFieldRef.containerName;
      const container = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === name);
      if (!container) throw new Error(`container ${name} not found`);
      text = resourceValue(item.resourceFieldRef, container, allocatable);
    }
    payload.set(item.path.replace(/^\.\//, ''), { data: Buffer.from(text, 'utf8'), mode: item.mode ?? defaultMode });
  }
  return payload;
}

/** Later sources win where paths are the same. */
export function merge(payloads: readonly Payload[]): Payload {
  return new Map(payloads.flatMap((p) => [...p]));
}

/** The payload's paths, checked: relative, inside, not hidden by `..` names (volume/util/atomic_writer.go validatePath). Throws. */
export function checkPaths(payload: Payload): void {
  for (const path of payload.keys()) {
    if (path === '') throw new Error('invalid path: must not be empty: ""');
    if (path.startsWith('/')) throw new Error(`invalid path: must be relative path: ${path}`);
    if (path.length > 4096) throw new Error('invalid path: must be less than or equal to 4096 characters');
    const parts = path.split('/');
    if (parts.includes('..')) throw new Error(`invalid path: must not contain '..': ${path}`);
    if (parts[0]!.startsWith('..') && parts[0]!.length > 2) throw new Error(`invalid path: must not start with '..': ${path}`);
    if (parts.some((part) => Buffer.byteLength(part) > 255)) throw new Error(`invalid path: filenames must be less than or equal to 255 characters: ${path}`);
  }
}
