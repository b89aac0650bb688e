import { compareQuantities } from '../../../base/quantity.ts';
import type { FieldError } from '../../errors.ts';
import type { ResourceRequirements } from '../../types/core.v1.ts';
import { forbidden, invalid, invalidEach, required, verbatim } from '../../validation/field.ts';
import { qualifiedName } from '../../validation/formats.ts';
import { isExtendedResource, isNativeResource, quantityOrUndefined, resourceAmount } from '../../validation/values.ts';

/** Names and amounts of resources: pkg/apis/core/validation/validation.go and pkg/apis/core/helper. */

const STANDARD = new Set([
  'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage', 'pods', 'resourcequotas',
  'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'storage', 'requests.storage', 'services.nodeports', 'services.loadbalancers',
]);
const FOR_CONTAINERS = new Set(['cpu', 'memory', 'ephemeral-storage']);

const isHugePages = (name: string) => name.startsWith('hugepages-');
const mayOvercommit = (name: string) => isNativeResource(name) && !isHugePages(name);

/** A resource's name: a standard one, or one of a domain. */
export function resourceName(name: string, at: string): FieldError[] {
  const errors = invalidEach(at, name, qualifiedName(name));
  if (errors.length > 0 || name.includes('/')) return errors;
  return STANDARD.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-') ? [] : [invalid(at, verbatim(name), 'must be a standard resource type or fully qualified')];
}

/** The name of what a container may ask for. */
export function containerResourceName(name: string, at: string): FieldError[] {
  const errors = resourceName(name, at);
  if (!name.includes('/')) {
    return FOR_CONTAINERS.has(name) || isHugePages(name) ? errors : [...errors, invalid(at, verbatim(name), 'must be a standard resource for containers')];
  }
  return isNativeResource(name) || isExtendedResource(name) ? errors : [...errors, invalid(at, name, "doesn't follow extended resource name standard")];
}

/** Requests and limits of a container. */
export function validateResources(resources: ResourceRequirements | undefined, at: string): FieldError[] {
  if (!resources) return [];
  const { limits = {}, requests = {} } = resources;
  const errors: FieldError[] = [];
  for (const [name, amount] of Object.entries(limits)) errors.push(...containerResourceName(name, `${at}.limits[${name}]`), ...resourceAmount(name, amount, `${at}.limits[${name}]`));
  for (const [name, amount] of Object.entries(requests)) {
    errors.push(...containerResourceName(name, `${at}.requests[${name}]`), ...resourceAmount(name, amount, `${at}.requests[${name}]`), ...withinLimit(name, amount, limits[name], at));
  }
  const names = new Set([...Object.keys(limits), ...Object.keys(requests)]);
  if ([...names].some(isHugePages) && !names.has('cpu') && !names.has('memory')) errors.push(forbidden(at, 'HugePages require cpu or memory'));
  return errors;
}

function withinLimit(name: string, request: string, limit: string | undefined, at: string): FieldError[] {
  if (limit === undefined) return mayOvercommit(name) ? [] : [required(`${at}.limits`, 'Limit must be set for non overcommitable resources')];
  const [asked, most] = [quantityOrUndefined(request), quantityOrUndefined(limit)];
  if (!asked || !most) return [];
  const order = compareQuantities(asked, most);
  if (order !== 0 && !mayOvercommit(name)) return [invalid(`${at}.requests`, request, `must be equal to ${name} limit of ${limit}`)];
  return order > 0 ? [invalid(`${at}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`)] : [];
}
