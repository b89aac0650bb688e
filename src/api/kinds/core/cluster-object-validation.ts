import type { FieldError } from '../../errors.ts';
import type { EndpointAddress, Endpoints, Namespace, Node, ReplicationController } from '../../types/core.v1.ts';
import { each, forbidden, goMap, invalid, invalidEach, nonNegative, oneOf, required } from '../../validation/field.ts';
import { dns1123Label, dns1123Subdomain, labelValueFormat, portNumber, qualifiedName } from '../../validation/formats.ts';
import { validateLabelName } from '../../validation/metadata.ts';
import { cidr, endpointAddress, ipAddress, ipFamily, resourceAmount } from '../../validation/values.ts';
import { validateTaintEffect } from './affinity-validation.ts';
import { validateLongRunning, validatePodTemplate } from './pod-spec-validation.ts';

/** Validation of the smaller core kinds: pkg/apis/core/validation/validation.go. */

/** Finalizers of a namespace's content are Kubernetes' own, or of a domain. */
export function validateNamespace({ spec }: Namespace): FieldError[] {
  return each(spec.finalizers, 'spec.finalizers', (name) => {
    const errors = invalidEach('spec.finalizers', name, qualifiedName(name));
    return errors.length === 0 && !name.includes('/') && name !== 'kubernetes' ? [invalid('spec.finalizers', name, 'name is neither a standard finalizer name nor is it fully qualified')] : errors;
  });
}

export function validateNode({ spec, status }: Node): FieldError[] {
  const seen = new Set<string>();
  const taints = each(spec.taints, 'metadata.taints', (taint, at) => {
    const bad = labelValueFormat(taint.value ?? '');
    const errors = [
      ...validateLabelName(taint.key ?? '', `${at}.key`),
      ...(bad.length > 0 ? [invalid(`${at}.value`, taint.value, bad.join(';'))] : []),
      ...validateTaintEffect(taint.effect, `${at}.effect`),
    ];
    const key = `${taint.key}:${taint.effect}`;
    if (seen.has(key)) errors.push({ type: 'FieldValueDuplicate', field: at, detail: `Duplicate value: ${JSON.stringify(taint)}: taints must be unique by key and effect pair` });
    seen.add(key);
    return errors;
  });
  const amounts = (['capacity', 'allocatable'] as const).flatMap((list) => Object.entries(status?.[list] ?? {}).flatMap(([name, amount]) => resourceAmount(name, amount, `status.${list}.${name}`)));
  const families = (spec.podCIDRs ?? []).map((range) => ipFamily(range.split('/')[0]!));
  const twice = families.length > 2 || new Set(families).size < families.length;
  return [...taints, ...amounts, ...each(spec.podCIDRs, 'spec.podCIDRs', cidr), ...(twice ? [invalid('spec.podCIDRs', spec.podCIDRs, 'may specify no more than one CIDR for each IP family')] : [])];
}

/** A node's pod range and its provider's name for it, once known, stay. */
export function validateNodeUpdate(next: Node, old: Node): FieldError[] {
  const before = old.spec.podCIDRs ?? [];
  const moved = before.length > 0 && JSON.stringify(before) !== JSON.stringify(next.spec.podCIDRs ?? []);
  return [
    ...(moved ? [forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')] : []),
    ...(old.spec.providerID && old.spec.providerID !== next.spec.providerID ? [forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid')] : []),
    ...((next.spec.externalID ?? '') === (old.spec.externalID ?? '') ? [] : [forbidden('spec.externalID', 'may not be updated')]),
  ];
}

export function validateEndpoints({ subsets }: Endpoints): FieldError[] {
  return each(subsets, 'subsets', ({ addresses = [], notReadyAddresses = [], ports = [] }, at) => [
    ...(addresses.length + notReadyAddresses.length === 0 ? [required(at, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...each(addresses, `${at}.addresses`, validateAddress),
    ...each(notReadyAddresses, `${at}.notReadyAddresses`, validateAddress),
    ...each(ports, `${at}.ports`, (port, path) => [
      ...(port.name ? invalidEach(`${path}.name`, port.name, dns1123Label(port.name)) : ports.length > 1 ? [required(`${path}.name`)] : []),
      ...invalidEach(`${path}.port`, port.port, portNumber(port.port)),
      ...(port.protocol ? oneOf(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']) : [required(`${path}.protocol`)]),
      ...(port.appProtocol === undefined ? [] : invalidEach(`${path}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol))),
    ]),
  ]);
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, at: string): FieldError[] {
  return [
    ...ipAddress(ip ?? '', `${at}.ip`),
    ...(hostname ? invalidEach(`${at}.hostname`, hostname, dns1123Label(hostname)) : []),
    ...(nodeName === undefined ? [] : invalidEach(`${at}.nodeName`, nodeName, dns1123Subdomain(nodeName))),
    ...endpointAddress(ip ?? '', `${at}.ip`),
  ];
}

export function validateReplicationController({ spec }: ReplicationController): FieldError[] {
  const { selector = {}, template } = spec;
  const labels = template?.metadata.labels ?? {};
  const selects = Object.entries(selector).every(([key, value]) => labels[key] === value);
  return [
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(Object.keys(selector).length === 0 ? [required('spec.selector')] : []),
    ...nonNegative('spec.replicas', spec.replicas),
    ...(template ? [] : [required('spec.template')]),
    ...(template && !selects ? [invalid('spec.template.metadata.labels', goMap(template.metadata.labels), '`selector` does not match template `labels`')] : []),
    ...(template ? [...validatePodTemplate(template, 'spec.template'), ...validateLongRunning(template, 'ReplicationController', 'spec.template')] : []),
  ];
}
