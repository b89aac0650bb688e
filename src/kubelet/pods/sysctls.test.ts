import { expect, test } from 'vitest';
import type { Node, Pod, PodSpec } from '../../api/types/core.v1.ts';
import { admission } from './admit.ts';
import { sysctlName } from './sysctls.ts';

const pod = (name: string, more: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'd', uid: 'u' },
  spec: { containers: [{ name: 'a', image: 'i' }], securityContext: { sysctls: [{ name, value: '1' }] }, ...more },
});
const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status: { allocatable: { pods: '10' } } };
const forbidden = (message: string) => ({ reason: 'SysctlForbidden', message: `forbidden sysctl: ${message}` });

test.each<[string, Pod, ReturnType<typeof admission>]>([
  ['one of the pod\'s own network', pod('net.ipv4.tcp_syncookies'), undefined],
  ['with slashes', pod('net/ipv4/tcp_syncookies'), undefined],
  ['one of the whole machine', pod('vm.swappiness'), forbidden('"vm.swappiness" not allowlisted')],
  ['one of the whole machine, with slashes', pod('kernel/core_pattern'), forbidden('"kernel.core_pattern" not allowlisted')],
  ['a namespaced one that upstream calls unsafe', pod('kernel.msgmax'), forbidden('"kernel.msgmax" not allowlisted')],
  ['the host\'s own network', pod('net.ipv4.tcp_syncookies', { hostNetwork: true }), forbidden('"net.ipv4.tcp_syncookies" not allowed with host Net enabled')],
  ['the host\'s own IPC', pod('kernel.shm_rmid_forced', { hostIPC: true }), forbidden('"kernel.shm_rmid_forced" not allowed with host IPC enabled')],
  ['a network setting beside the host\'s IPC', pod('net.ipv4.tcp_syncookies', { hostIPC: true }), undefined],
])('sysctl: %s', (_name, p, refusal) => {
  expect(admission(p, node, [])).toEqual(refusal);
});

test('names are the same with dots and slashes', () => {
  expect(sysctlName('net/ipv4/conf/eth0.1/rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter');
  expect(sysctlName('net.ipv4.conf.eth0/1.rp_filter')).toBe('net.ipv4.conf.eth0/1.rp_filter');
});
