import type { NetworkPolicy } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const networkPolicy = defineKind<NetworkPolicy>({
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  singular: 'networkpolicy',
  shortNames: ['netpol'],
  namespaced: true,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.NetworkPolicy' },
  generation: true,
});

export const NetworkPolicies = resourceOf(networkPolicy);
