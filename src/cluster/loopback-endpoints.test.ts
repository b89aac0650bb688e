import { expect, test } from 'vitest';
import { builtinKinds } from '../api/kinds/index.ts';
import { loopbackKinds } from './loopback-endpoints.ts';

const slice = (address: string) => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'a' }, addressType: 'IPv4', endpoints: [{ addresses: [address] }] });
const endpoints = (ip: string) => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'a' }, subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }] });

test.each([
  ['127.0.0.1', true, false], ['10.1.2.3', false, false], ['169.254.1.1', true, true], ['nonsense', true, true],
])('%s: refused by Kubernetes %s, on loopback %s', (address, strict, loose) => {
  for (const object of [slice(address), endpoints(address)]) {
    const refused = (kinds: typeof builtinKinds) => kinds.find(({ kind }) => kind === object.kind)!.validate!(object as never).some(({ detail }) => detail.includes(address));
    expect([refused(builtinKinds), refused(loopbackKinds)]).toEqual([strict, loose]);
  }
});
