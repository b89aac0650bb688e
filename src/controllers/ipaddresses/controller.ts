import { Services } from '../../api/kinds/core/service.ts';
import { IPAddresses } from '../../api/kinds/networking/ip-address.ts';
import type { Service } from '../../api/types/core.v1.ts';
import type { IPAddress } from '../../api/types/networking.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessReplaced } from '../gone.ts';
import { ADDRESS_FAMILY, MANAGED_BY, OF_SERVICES } from '../servicecidrs/decide.ts';

const BY_ADDRESS = 'clusterIP';

/** The cluster IPs of a Service. */
const addressesOf = ({ spec }: Service): string[] => (spec.clusterIPs ?? []).filter((ip) => ip !== 'None' && ip !== '');

/** The object that says that a Service has an address. */
export function addressOf(ip: string, { metadata: { namespace = '', name = '' } }: Service): IPAddress {
  return {
    apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress',
    metadata: { name: ip, labels: { [ADDRESS_FAMILY]: ip.includes(':') ? 'IPv6' : 'IPv4', [MANAGED_BY]: OF_SERVICES } },
    spec: { parentRef: { resource: 'services', namespace, name } },
  };
}

/** Whether an IPAddress says what it must of the Service that has it (ipallocator/controller/repairip.go). */
function saysSo({ metadata: { labels = {} }, spec: { parentRef } }: IPAddress, wanted: IPAddress): boolean {
  const { group = '', resource, namespace, name } = parentRef;
  const meant = wanted.spec.parentRef;
  return group === '' && resource === meant.resource && namespace === meant.namespace && name === meant.name
    && [ADDRESS_FAMILY, MANAGED_BY].every((label) => labels[label] === wanted.metadata.labels?.[label]);
}

/** Keeps one IPAddress for each cluster IP of a Service: the Service is what holds the address, the object shows it, and keeps its ServiceCIDR. */
export function ipAddressController(context: ControllerContext): Component {
  const { client, informers } = context;
  const services = informers.informer(Services);
  const addresses = informers.informer(IPAddresses);
  services.addIndex(BY_ADDRESS, addressesOf);
  const name = 'ipallocator-repair-controller';

  const reconcile = async (ip: string) => {
    const service = services.byIndex(BY_ADDRESS, ip)[0];
    const address = addresses.get('', ip);
    const wanted = service && addressOf(ip, service);
    const wrong = address && (wanted ? !saysSo(address, wanted) : address.metadata.labels?.[MANAGED_BY] === OF_SERVICES);
    if (wrong) await client.delete(IPAddresses, ip, { preconditions: { uid: address.metadata.uid } }).catch(unlessReplaced);
    if (wanted && (!address || wrong)) await client.create(IPAddresses, wanted);
  };

  return controllerIn(context, {
    name,
    workers: { default: 5 },
    reconcile,
    setup: (queue) => {
      const addAll = (service: Service) => addressesOf(service).forEach((ip) => queue.add(ip));
      const add = (address: IPAddress) => queue.add(address.metadata.name ?? '');
      services.onChange({ added: addAll, updated: (old, next) => { if (addressesOf(old).join() !== addressesOf(next).join()) { addAll(old); addAll(next); } }, deleted: addAll });
      addresses.onChange({ added: add, updated: (_, address) => add(address), deleted: add });
      return [services, addresses];
    },
  });
}
