import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../types/core.v1.ts';

const addressKey = ({ ip, targetRef }: EndpointAddress) => `${ip}/${targetRef?.uid ?? ''}`;
const portKey = ({ name = '', protocol = 'TCP', port, appProtocol = '' }: EndpointPort) => [name, protocol, String(port).padStart(5, '0'), appProtocol].join('/');

/**
 * The same endpoints in their one form, so that equal endpoints are equal objects: ports that the same addresses serve stand together, addresses and ports in order; an address that is ready and not is
 * not (pkg/api/v1/endpoints/util.go RepackSubsets; the order of ports and subsets is our own, upstream's is that of a hash).
 */
export function repackSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  interface Member { readonly address: EndpointAddress; ready: boolean }
  const byPort = new Map<string, { readonly port: EndpointPort | undefined; readonly members: Map<string, Member> }>();
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    for (const port of ports.length > 0 ? ports : [undefined]) {
      const key = port ? portKey(port) : '';
      const entry = byPort.get(key) ?? { port, members: new Map<string, Member>() };
      byPort.set(key, entry);
      for (const address of addresses) if (!entry.members.has(addressKey(address))) entry.members.set(addressKey(address), { address, ready: true });
      for (const address of notReadyAddresses) entry.members.set(addressKey(address), { address, ready: false });
    }
  }
  const groups = new Map<string, { readonly ports: EndpointPort[]; readonly members: readonly Member[] }>();
  for (const portName of [...byPort.keys()].sort()) {
    const { port, members } = byPort.get(portName)!;
    const ordered = [...members.keys()].sort().map((address) => members.get(address)!);
    const key = ordered.map(({ address, ready }) => `${addressKey(address)}${ready ? '' : '!'}`).join();
    const group = groups.get(key) ?? { ports: [], members: ordered };
    groups.set(key, group);
    if (port) group.ports.push(port);
  }
  return [...groups.values()].map(({ ports, members }) => {
    const addresses = members.filter(({ ready }) => ready).map(({ address }) => address);
    const notReadyAddresses = members.filter(({ ready }) => !ready).map(({ address }) => address);
    return { ...(addresses.length > 0 && { addresses }), ...(notReadyAddresses.length > 0 && { notReadyAddresses }), ...(ports.length > 0 && { ports }) };
  });
}
