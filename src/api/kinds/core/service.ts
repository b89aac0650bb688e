import type { Service } from '../../types/core.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { dns1035Label } from '../../validation/formats.ts';
import { ageColumn, labelsText, loadBalancerAddresses, nameColumn, text, wide } from '../columns.ts';
import { defaultService, keepAllocated, prepareNewService } from './service-strategy.ts';
import { serviceWarnings, validateService, validateServiceStatus, validateServiceUpdate } from './service-validation.ts';

export const service = defineKind<Service>({
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  storage: { group: '', version: 'v1', message: 'core/v1.Service' },
  status: true,
  subresources: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }],
  validateName: dns1035Label,
  defaults: defaultService,
  validate: validateService,
  validateUpdate: validateServiceUpdate,
  validateStatus: validateServiceStatus,
  prepareCreate: prepareNewService,
  prepareUpdate: keepAllocated,
  warnings: serviceWarnings,
  createOnUpdate: true,
  fieldSelectors: { 'spec.clusterIP': (service) => service.spec.clusterIP ?? '', 'spec.type': (service) => service.spec.type ?? '' },
  columns: [
    nameColumn,
    text('Type', (service) => service.spec.type ?? ''),
    text('Cluster-IP', (service) => service.spec.clusterIPs?.[0] ?? '<none>'),
    text('External-IP', externalIP),
    text('Port(s)', ports),
    ageColumn,
    wide('Selector', (service) => labelsText(service.spec.selector)),
  ],
});

export const Services = resourceOf(service);

function externalIP(service: Service): string {
  const own = service.spec.externalIPs ?? [];
  switch (service.spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>';
    case 'LoadBalancer':
      return [...loadBalancerAddresses(service.status?.loadBalancer), ...own].join(',') || '<pending>';
    case 'ExternalName':
      return service.spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

function ports(service: Service): string {
  const pieces = (service.spec.ports ?? []).map((p) => `${p.port}${p.nodePort ? `:${p.nodePort}` : ''}/${p.protocol ?? ''}`);
  return pieces.join(',') || '<none>';
}
