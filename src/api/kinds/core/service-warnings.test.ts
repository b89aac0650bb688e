import { expect, test } from 'vitest';
import type { Service } from '../../types/core.v1.ts';
import { serviceWarnings } from './service-validation.ts';

test.each<[Service['spec'], string[]]>([
  [{ ports: [{ port: 80, protocol: 'TCP' }] }, []],
  [{ ports: [{ port: 80, protocol: 'SCTP' }] }, ['SCTP is not supported by this cluster: ports of this protocol are not served']],
  [{ type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/8'] }, ['spec.loadBalancerSourceRanges is not enforced by this cluster: clients of any address are served']],
])('what is not acted on is said: %j', (spec, expected) => {
  expect(serviceWarnings({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec })).toEqual(expected);
});
