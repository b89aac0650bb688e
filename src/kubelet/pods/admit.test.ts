import { expect, test } from 'vitest';
import type { Node, Pod } from '../../api/types/core.v1.ts';
import { admission } from './admit.ts';

const pod = (supplementalGroupsPolicy?: 'Strict' | 'Merge'): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'd' },
  spec: { containers: [{ name: 'a', image: 'i' }], securityContext: { ...(supplementalGroupsPolicy && { supplementalGroupsPolicy }) } },
});
const node = (kept: boolean | undefined): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status: { allocatable: { pods: '10' }, ...(kept !== undefined && { features: { supplementalGroupsPolicy: kept } }) } });
const refusal = { reason: 'SupplementalGroupsPolicyNotSupported', message: 'SupplementalGroupsPolicy=Strict is not supported in this node' };

test.each([
  ['Strict', true, undefined], ['Strict', false, refusal], ['Strict', undefined, refusal], ['Merge', false, undefined], [undefined, false, undefined],
] as const)('SupplementalGroupsPolicy %s on a node that keeps groups: %s', (policy, kept, expected) => {
  expect(admission(pod(policy), node(kept), [])).toEqual(expected);
});
