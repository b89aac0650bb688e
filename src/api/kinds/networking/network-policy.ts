import type { NetworkPolicy } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';
import { ageColumn, nameColumn, selectorOrNone, text } from '../columns.ts';
import { oldNetworkPolicies } from './old-versions.ts';
import { validateNetworkPolicy } from './network-policy-validation.ts';

export const networkPolicy = defineKind<NetworkPolicy>({
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.NetworkPolicy' },
  served: oldNetworkPolicies,
  generation: true,
  defaults(policy) {
    const spec = (policy.spec ??= { podSelector: {} });
    spec.podSelector ??= {};
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    if ((spec.policyTypes ?? []).length === 0) spec.policyTypes = (spec.egress ?? []).length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate: validateNetworkPolicy,
  warnings: () => ['NetworkPolicy is stored but not enforced by this cluster: every pod can be reached by every other'],
  columns: [nameColumn, text('Pod-Selector', (policy) => selectorOrNone(policy.spec.podSelector)), ageColumn],
});

export const NetworkPolicies = resourceOf(networkPolicy);
