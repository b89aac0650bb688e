import { compareQuantities } from '../../../base/quantity.ts';
import type { FieldError } from '../../errors.ts';
import type { Container, Pod, ResourceRequirements } from '../../types/core.v1.ts';
import { each, forbidden, invalid } from '../../validation/field.ts';
import { changedPaths, sameValue } from '../../validation/immutable.ts';
import { quantityOrUndefined } from '../../validation/values.ts';
import { qosClass } from './pod-qos.ts';

/** Changes that pods allow through their subresources only: pkg/apis/core/validation/validation.go. */

/** `/ephemeralcontainers` may only add. */
export function validateEphemeralUpdate(next: Pod, old: Pod): FieldError[] {
  const at = 'spec.ephemeralContainers';
  return (old.spec.ephemeralContainers ?? []).flatMap((before) => {
    const after = (next.spec.ephemeralContainers ?? []).find((container) => container.name === before.name);
    const name = JSON.stringify(before.name);
    if (!after) return [forbidden(at, `existing ephemeral containers ${name} may not be removed\n`)];
    return sameValue(after, before) ? [] : [forbidden(at, `existing ephemeral containers ${name} may not be changed\n${changedPaths(after, before)}`)];
  });
}

/** `/resize` may change CPU and memory of containers and sidecars, not what class of service the pod is in. */
export function validateResize(next: Pod, old: Pod): FieldError[] {
  const hasOwn = ({ spec: { resources } }: Pod) => Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0;
  if (hasOwn(next) || hasOwn(old)) return [forbidden('', 'pods with pod-level resources cannot be resized')];
  const order = (['containers', 'initContainers'] as const).flatMap((list) => sameOrder(next.spec[list] ?? [], old.spec[list] ?? [], list));
  const kept = old.status?.qosClass ?? qosClass(old.spec);
  const errors = qosClass(next.spec) === kept ? [] : [invalid('spec', next.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing')];
  if (order.length > 0) return [...errors, ...order];
  const sidecar = (container: Container) => container.restartPolicy === 'Always';
  return [
    ...errors,
    ...each(old.spec.initContainers, 'spec.initContainers', (before, at, i) => {
      const after = next.spec.initContainers![i]!;
      if (sidecar(before)) return [...validateContainerResize(after, before, at), ...othersStay(after, before, 'only cpu and memory resources for sidecar containers are mutable')];
      return sameValue(after, before) ? [] : [forbidden('spec', 'resources for non-sidecar init containers are immutable')];
    }),
    ...each(old.spec.containers, 'spec.containers', (before, at, i) => {
      const after = next.spec.containers[i]!;
      return [...validateContainerResize(after, before, at), ...othersStay(after, before, 'only cpu and memory resources are mutable')];
    }),
  ];
}

function sameOrder(next: readonly Container[], old: readonly Container[], list: string): FieldError[] {
  if (next.length !== old.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)];
  return each(old, `spec.${list}`, (container, at, i) => (next[i]!.name === container.name ? [] : [forbidden(`${at}.name`, `${list} may not be renamed or reordered on resize`)]));
}

function validateContainerResize(next: Container, old: Container, at: string): FieldError[] {
  const errors = (['requests', 'limits'] as const).filter((list) => Object.keys(old.resources?.[list] ?? {}).some((name) => next.resources?.[list]?.[name] === undefined))
    .map((list) => forbidden(`${at}.resources.${list}`, `resource ${list} cannot be removed`));
  const policy = next.resizePolicy?.find((p) => p.resourceName === 'memory')?.restartPolicy;
  const [limit, before] = [next, old].map((container) => quantityOrUndefined(container.resources?.limits?.memory));
  if (policy === 'RestartContainer' || !limit) return errors;
  const path = `${at}.resources.limits[memory]`;
  if (!before) errors.push(forbidden(path, 'memory limits cannot be added unless resizePolicy is RestartContainer'));
  else if (compareQuantities(limit, before) < 0) errors.push(forbidden(path, 'memory limits cannot be decreased unless resizePolicy is RestartContainer'));
  return errors;
}

function othersStay(next: Container, old: Container, text: string): FieldError[] {
  const without = ({ resources, ...rest }: Container) => ({ ...rest, resources: { ...resources, ...otherAmounts(resources) } });
  return sameValue(without(next), without(old)) ? [] : [forbidden('spec', text)];
}

function otherAmounts(resources: ResourceRequirements | undefined) {
  const others = (list: Record<string, string> | undefined) => Object.fromEntries(Object.entries(list ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'));
  return { requests: others(resources?.requests), limits: others(resources?.limits) };
}
