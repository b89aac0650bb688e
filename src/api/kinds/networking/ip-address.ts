import type { IPAddress } from '../../types/networking.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const ipAddress = defineKind<IPAddress>({
  kind: 'IPAddress',
  plural: 'ipaddresses',
  singular: 'ipaddress',
  shortNames: ['ip'],
  namespaced: false,
  storage: { group: 'networking.k8s.io', version: 'v1', message: 'networking/v1.IPAddress' },
});

export const IPAddresses = resourceOf(ipAddress);
