import { forbidden } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { podTotal } from '../../api/quota/usage.ts';
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, ResourceRequirements } from '../../api/types/core.v1.ts';
import { compareQuantities, formatQuantity, parseQuantity, quantityMilliValue, quantityValue, type Quantity } from '../../base/quantity.ts';
import type { Store } from '../../store/store.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** A namespace's defaults for containers, and its bounds for containers, pods and claims (plugin/pkg/admission/limitranger). */
export function limitRanger(store: Store): AdmissionPlugin {
  const ranges = (namespace: string) => (namespace === '' ? [] : store.list(`limitranges/${namespace}/`).entries.map((entry) => entry.object as LimitRange));
  const items = (namespace: string) => ranges(namespace).flatMap((range) => range.spec.limits);
  return {
    name: 'LimitRanger',
    mutate({ operation, kind, namespace, object, subresource }) {
      if (operation !== 'CREATE' || subresource !== '' || kind.plural !== 'pods' || !object) return;
      for (const item of items(namespace)) if (item.type === 'Container') applyDefaults(object as Pod, item);
    },
    validate({ operation, kind, resource, namespace, name, object, subresource }) {
      if (!object || namespace === '') return;
      const pods = kind.plural === 'pods' && (subresource === 'resize' ? operation === 'UPDATE' : subresource === '' && operation === 'CREATE');
      const claims = subresource === '' && kind.plural === 'persistentvolumeclaims' && (operation === 'CREATE' || operation === 'UPDATE');
      if (!pods && !claims) return;
      for (const range of ranges(namespace)) {
        const complaints = range.spec.limits.flatMap((item) => (pods ? podComplaints(object as Pod, item) : claimComplaints(object as PersistentVolumeClaim, item)));
        if (complaints.length > 0) throw forbidden(resource, nameOf(object, name), complaints.length === 1 ? complaints[0]! : `[${complaints.join(', ')}]`);
      }
    },
  };
}

const nameOf = (object: KubeObject, name: string) => object.metadata.name ?? name;

/** Fills in what a container leaves open, and notes on the pod what was filled in. */
export function applyDefaults(pod: Pod, item: LimitRangeItem): void {
  const notes: string[] = [];
  const fill = (container: Container, what: string) => {
    const resources: ResourceRequirements = (container.resources ??= {});
    const given = (list: Readonly<Record<string, string>> | undefined, into: 'limits' | 'requests') => {
      const added: string[] = [];
      for (const [name, quantity] of Object.entries(list ?? {})) {
        if (resources[into]?.[name] !== undefined) continue;
        (resources[into] ??= {})[name] = quantity;
        added.push(name);
      }
      return added.sort();
    };
    const requests = given(item.defaultRequest, 'requests');
    const limits = given(item.default, 'limits');
    if (requests.length > 0) notes.push(`${requests.join(', ')} request for ${what} ${container.name}`);
    if (limits.length > 0) notes.push(`${limits.join(', ')} limit for ${what} ${container.name}`);
  };
  for (const container of pod.spec.containers) fill(container, 'container');
  for (const container of pod.spec.initContainers ?? []) fill(container, 'init container');
  if (notes.length > 0) pod.metadata.annotations = { ...pod.metadata.annotations, 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${notes.join('; ')}` };
}

function podComplaints(pod: Pod, item: LimitRangeItem): string[] {
  if (item.type === 'Container') {
    return [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((container) => complaints(item, container.resources?.requests, container.resources?.limits));
  }
  if (item.type === 'Pod') {
    const text = (list: ReadonlyMap<string, Quantity>) => Object.fromEntries([...list].map(([name, quantity]) => [name, formatQuantity(quantity)]));
    return complaints(item, text(podTotal(pod, 'requests')), text(podTotal(pod, 'limits')));
  }
  return [];
}

function claimComplaints(claim: PersistentVolumeClaim, item: LimitRangeItem): string[] {
  return item.type === 'PersistentVolumeClaim' ? complaints({ ...item, maxLimitRequestRatio: undefined }, claim.spec.resources?.requests, undefined) : [];
}

type Amounts = Readonly<Record<string, string>> | undefined;

/** Minimum, maximum and ratio, each in name order (limitranger admission.go minConstraint, maxConstraint, limitRequestRatioConstraint). */
export function complaints(item: LimitRangeItem, requests: Amounts, limits: Amounts): string[] {
  const sorted = (list: Amounts) => Object.entries(list ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const get = (list: Amounts, name: string) => (list?.[name] === undefined ? undefined : parseQuantity(list[name]));
  const out: string[] = [];
  for (const [name, text] of sorted(item.min)) {
    const bound = parseQuantity(text);
    const request = get(requests, name);
    const limit = get(limits, name);
    const head = `minimum ${name} usage per ${item.type} is ${text}`;
    if (!request) out.push(`${head}.  No request is specified`);
    else if (compareQuantities(request, bound) < 0) out.push(`${head}, but request is ${formatQuantity(request)}`);
    else if (limit && compareQuantities(limit, bound) < 0) out.push(`${head}, but limit is ${formatQuantity(limit)}`);
  }
  for (const [name, text] of sorted(item.max)) {
    const bound = parseQuantity(text);
    const request = get(requests, name);
    const limit = get(limits, name);
    const head = `maximum ${name} usage per ${item.type} is ${text}`;
    // A claim has only requests, so they are what is bounded (maxRequestConstraint).
    if (item.type === 'PersistentVolumeClaim') {
      if (!request) out.push(`${head}.  No request is specified`);
      else if (compareQuantities(request, bound) > 0) out.push(`${head}, but request is ${formatQuantity(request)}`);
    } else if (!limit) out.push(`${head}.  No limit is specified`);
    else if (compareQuantities(limit, bound) > 0) out.push(`${head}, but limit is ${formatQuantity(limit)}`);
    else if (request && compareQuantities(request, bound) > 0) out.push(`${head}, but request is ${formatQuantity(request)}`);
  }
  for (const [name, text] of sorted(item.maxLimitRequestRatio)) {
    const request = get(requests, name);
    const limit = get(limits, name);
    const head = `${name} max limit to request ratio per ${item.type} is ${text}`;
    if (!request || request.nanos === 0n) out.push(`${head}, but no request is specified or request is 0`);
    else if (!limit || limit.nanos === 0n) out.push(`${head}, but no limit is specified or limit is 0`);
    else {
      const ratio = name === 'cpu' ? quantityMilliValue(limit) / quantityMilliValue(request) : quantityValue(limit) / quantityValue(request);
      if (ratio > quantityMilliValue(parseQuantity(text)) / 1000) out.push(`${head}, but provided ratio is ${ratio.toFixed(6)}`);
    }
  }
  return out;
}
