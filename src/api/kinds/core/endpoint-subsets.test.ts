import { expect, test } from 'vitest';
import type { EndpointPort, EndpointSubset } from '../../types/core.v1.ts';
import { repackSubsets } from './endpoint-subsets.ts';

const port = (name: string, number: number): EndpointPort => ({ name, port: number, protocol: 'TCP' });
const at = (...ips: string[]) => ips.map((ip) => ({ ip }));
const [a, b] = [port('a', 1), port('b', 2)];

test.each<[string, EndpointSubset[], EndpointSubset[]]>([
  ['nothing', [], []],
  ['ports of the same addresses stand together', [{ addresses: at('1.1.1.1'), ports: [a] }, { addresses: at('1.1.1.1'), ports: [b] }], [{ addresses: at('1.1.1.1'), ports: [a, b] }]],
  ['addresses of the same ports stand together, in order', [{ addresses: at('2.2.2.2'), ports: [a] }, { addresses: at('1.1.1.1'), ports: [a] }], [{ addresses: at('1.1.1.1', '2.2.2.2'), ports: [a] }]],
  ['a port that only some have stands apart', [{ addresses: at('1.1.1.1', '2.2.2.2'), ports: [a] }, { addresses: at('2.2.2.2'), ports: [b] }], [{ addresses: at('1.1.1.1', '2.2.2.2'), ports: [a] }, { addresses: at('2.2.2.2'), ports: [b] }]],
  ['what is ready at one port and not at another stands apart', [{ addresses: at('1.1.1.1'), ports: [a] }, { notReadyAddresses: at('1.1.1.1'), ports: [b] }], [{ addresses: at('1.1.1.1'), ports: [a] }, { notReadyAddresses: at('1.1.1.1'), ports: [b] }]],
  ['what is both ready and not is not', [{ notReadyAddresses: at('1.1.1.1'), ports: [a] }, { addresses: at('1.1.1.1'), ports: [a] }], [{ notReadyAddresses: at('1.1.1.1'), ports: [a] }]],
  ['addresses without ports stay', [{ addresses: at('2.2.2.2') }, { addresses: at('1.1.1.1') }], [{ addresses: at('1.1.1.1', '2.2.2.2') }]],
  ['ports without addresses stay, for validation to refuse', [{ ports: [a] }], [{ ports: [a] }]],
])('%s', (_, subsets, wanted) => {
  expect(repackSubsets(subsets)).toEqual(wanted);
  expect(repackSubsets(repackSubsets(subsets))).toEqual(wanted);
});
