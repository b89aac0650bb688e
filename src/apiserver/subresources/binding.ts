import { badRequest, conflict } from '../../api/errors.ts';
import { copyJson } from '../../api/json.ts';
import type { Binding, Pod } from '../../api/types/core.v1.ts';
import type { Status } from '../../api/types/meta.v1.ts';
import { validate } from '../admission/plugin.ts';
import { writeRequest, type Outcome, type Target, type WriteCall } from '../operations.ts';
import { admissionRequest, timestamp, type Core } from '../registry/core.ts';
import { update } from '../registry/update.ts';
import type { Subresource } from './index.ts';

export const bindingSubresource: Subresource = {
  body: [{ apiVersion: 'v1', kind: 'Binding', message: 'core/v1.Binding' }],
  create: (core, target, object, call) => bind(core, target, object as Binding, call),
};

/** Puts a pod on a node (pkg/registry/core/pod/storage BindingREST). Rejects with Conflict when it already has one. */
export async function bind(core: Core, target: Target, binding: Binding, call: WriteCall): Promise<Outcome> {
  const node = binding.target;
  if (binding.metadata.name && binding.metadata.name !== target.name) throw badRequest('name in URL does not match name in Binding object');
  if (node?.kind && node.kind !== 'Node' && node.kind !== 'Minion') throw badRequest(`target.kind: Unsupported value: ${JSON.stringify(node.kind)}: supported values: "Node", "<empty>"`);
  if (!node?.name) throw badRequest('target.name: Required value');
  const request = writeRequest(target, call);
  await validate(core.admission, admissionRequest(core, request, { operation: 'CREATE', name: target.name, subresource: 'binding', object: binding }));
  await update(core, request, {
    name: target.name,
    subresource: 'binding',
    retry: true,
    // Upstream writes a binding past the managed fields: who puts a pod on a node owns nothing of it.
    applied: true,
    keep: (next) => next,
    next: (current) => bound(target, copyJson(current!.object) as Pod, binding, timestamp(core.clock.now())),
  });
  const status: Status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return { object: status, status: 201 };
}

function bound(target: Target, pod: Pod, binding: Binding, now: string): Pod {
  const refuse = (why: string) => conflict({ group: '', plural: 'pods/binding' }, target.name, why);
  if (binding.metadata.uid && binding.metadata.uid !== pod.metadata.uid) throw refuse(`Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${pod.metadata.uid}`);
  if (pod.metadata.deletionTimestamp) throw refuse(`pod ${pod.metadata.name} is being deleted, cannot be assigned to a host`);
  if (pod.spec.nodeName) throw refuse(`pod ${pod.metadata.name} is already assigned to node "${pod.spec.nodeName}"`);
  if ((pod.spec.schedulingGates ?? []).length > 0) throw refuse(`pod ${pod.metadata.name} has non-empty .spec.schedulingGates`);
  pod.spec.nodeName = binding.target.name!;
  if (binding.metadata.annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...binding.metadata.annotations };
  const conditions = pod.status?.conditions ?? [];
  const scheduled = conditions.find((condition) => condition.type === 'PodScheduled');
  const fresh = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: scheduled?.status === 'True' ? scheduled.lastTransitionTime : now };
  pod.status = { ...pod.status, conditions: [...conditions.filter((condition) => condition.type !== 'PodScheduled'), fresh] };
  return pod;
}
