import { expect, test } from 'vitest';
import { networkPolicy } from './network-policy.ts';

test('who writes a policy is told that nothing enforces it', () => {
  const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'deny' }, spec: { podSelector: {} } };
  expect(networkPolicy.warnings?.(policy, undefined)).toEqual([expect.stringContaining('not enforced')]);
});
