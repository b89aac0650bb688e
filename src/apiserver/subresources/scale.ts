import { badRequest, invalid, modified } from '../../api/errors.ts';
import { copyJson, isObject } from '../../api/json.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import { mergePatch } from '../../api/patch/merge.ts';
import { jsonPatch } from '../../api/patch/json.ts';
import { formatLabelSelector } from '../../api/selectors.ts';
import type { Scale } from '../../api/types/autoscaling.v1.ts';
import type { LabelSelector } from '../../api/types/meta.v1.ts';
import { setAt, valueAt } from '../json.ts';
import { writeRequest, type Outcome, type Target, type WriteCall } from '../operations.ts';
import { timestamp, type Core } from '../registry/core.ts';
import { readFields } from '../registry/intake.ts';
import { applyOrRefuse } from '../registry/managed-fields.ts';
import { get } from '../registry/read.ts';
import { update } from '../registry/update.ts';
import type { Subresource } from './index.ts';
import { ownersBehind, scaleOwners } from './scale-owners.ts';

const MESSAGE = 'autoscaling/v1.Scale';

/** Replicas of anything that has them, in one shape (pkg/registry/apps/deployment/storage ScaleREST). */
export const scaleSubresource: Subresource = {
  body: [{ apiVersion: 'autoscaling/v1', kind: 'Scale', message: MESSAGE }],
  get: (core, target) => ({ object: scaleOf(target, get(core, target.resource, target.namespace, target.name).object) }),
  update: (core, target, object, call) => write(core, target, call, () => object as Scale),
  patch: (core, target, patch, call) =>
    write(core, target, call, (current, live) => {
      if (patch.type === 'apply') return applied(target, call, patch.body, current, live, timestamp(core.clock.now()));
      const next = patch.type === 'json' ? jsonPatch(current, patch.operations) : mergePatch(current, patch.body);
      if (!isObject(next)) throw badRequest('the patched object is not an object');
      const scale = next as unknown as Scale;
      readFields(MESSAGE, 'Scale', 'v1', scale, call);
      return scale;
    }, patch.type === 'apply'),
};

/** Server-side apply of a Scale: among the owners of its replicas alone. */
function applied(target: Target, call: WriteCall, body: object, current: Scale, live: KubeObject, now: string): Scale {
  if (!call.fieldManager) throw invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [{ type: 'FieldValueRequired', field: 'fieldManager', detail: 'Required value: is required for apply patch' }]);
  const managedFields = scaleOwners(live.metadata.managedFields, target.resource.kind.scale!.replicas);
  const scale = applyOrRefuse({
    messageId: MESSAGE, live: { ...current, metadata: { ...current.metadata, ...(managedFields && { managedFields }) } } as KubeObject, applied: body, force: call.force, manager: call.fieldManager,
    apiVersion: current.apiVersion!, subresource: target.subresource, now, reset: ['status'],
  }) as Scale;
  readFields(MESSAGE, 'Scale', 'v1', scale, { ...call, fieldValidation: 'Ignore' });
  return scale;
}

async function write(core: Core, target: Target, call: WriteCall, change: (current: Scale, live: KubeObject) => Scale, apply = false): Promise<Outcome> {
  const { kind } = target.resource;
  let version: string | undefined;
  const { entry } = await update(core, writeRequest(target, call), {
    name: target.name,
    subresource: 'scale',
    retry: true,
    keep: (next) => next,
    applied: apply,
    next(current) {
      const scale = change(scaleOf(target, current!.object), current!.object);
      const { resourceVersion, uid } = scale.metadata ?? {};
      if (scale.metadata?.name && scale.metadata.name !== target.name) throw badRequest(`the name of the object (${scale.metadata.name}) does not match the name on the URL (${target.name})`);
      version = resourceVersion;
      if (version && version !== '0' && version !== current!.object.metadata.resourceVersion) throw modified(target.resource, target.name);
      const replicas = scale.spec?.replicas ?? 0;
      if (replicas < 0) {
        throw invalid({ group: 'autoscaling', kind: 'Scale' }, target.name, [{ type: 'FieldValueInvalid', field: 'spec.replicas', detail: `Invalid value: ${replicas}: must be greater than or equal to 0` }]);
      }
      const next = copyJson(current!.object);
      if (uid) next.metadata.uid = uid;
      if (valueAt(next, kind.scale!.replicas) !== replicas) setAt(next, kind.scale!.replicas, replicas);
      if (apply) next.metadata.managedFields = ownersBehind(next.metadata.managedFields, scale.metadata?.managedFields, kind.scale!.replicas, target.resource.apiVersion);
      return next;
    },
  });
  return { object: scaleOf(target, entry.object) };
}

function scaleOf(target: Target, object: KubeObject): Scale {
  const paths = target.resource.kind.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = selectorText(target.resource.kind, object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: numberAt(object, paths.replicas) },
    status: { replicas: numberAt(object, paths.statusReplicas), ...(selector !== '' && { selector }) },
  };
}

function numberAt(object: KubeObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

function selectorText(kind: Kind, object: KubeObject): string {
  const path = kind.scale!.selector;
  if (path === '') return '';
  const value = valueAt(object, path);
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const known = 'matchLabels' in value || 'matchExpressions' in value;
  return formatLabelSelector(known ? (value as LabelSelector) : { matchLabels: value as Record<string, string> });
}
