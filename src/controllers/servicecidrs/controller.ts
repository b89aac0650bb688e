import { IPAddresses } from '../../api/kinds/networking/ip-address.ts';
import { ServiceCIDRs } from '../../api/kinds/networking/service-cidr.ts';
import type { Condition } from '../../api/types/meta.v1.ts';
import type { IPAddress, ServiceCIDR } from '../../api/types/networking.v1.ts';
import { rfc3339 } from '../../base/time.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone } from '../gone.ts';
import { protection, withFinalizer, withoutFinalizer } from '../finalizer.ts';
import { containsAddress, mayGo, overlap } from './decide.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
/** A range that is deleted stays this long, so that everybody who gives addresses has heard of it. */
const GRACE_MS = 10_000;

/** Says which ServiceCIDRs may give addresses, and keeps those of Services from being deleted (pkg/controller/servicecidrs). */
export function serviceCidrController(context: ControllerContext): Component {
  const { client, clock, informers } = context;
  const ranges = informers.informer(ServiceCIDRs);
  const addresses = informers.informer(IPAddresses);
  const name = 'service-cidr-controller';

  const say = async (cidr: ServiceCIDR, condition: Pick<Condition, 'status' | 'reason' | 'message'>) => {
    const known = cidr.status?.conditions?.find(({ type }) => type === 'Ready');
    if (known?.status === condition.status && known.message === condition.message) return;
    const conditions = [{ type: 'Ready', ...condition, lastTransitionTime: rfc3339(clock.now()) }];
    await client.patch(ServiceCIDRs, cidr.metadata.name ?? '', { type: 'merge', body: { status: { conditions } } }, { subresource: 'status' }).catch(unlessGone);
  };
  const reconcile = async (key: string) => {
    const cidr = ranges.get('', key);
    if (!cidr) return;
    const need = protection(cidr, FINALIZER);
    if (need === 'missing') await client.update(ServiceCIDRs, withFinalizer(cidr, FINALIZER));
    if (cidr.metadata.deletionTimestamp === undefined) return say(cidr, { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' });
    if (need !== 'asked to go') return;
    if (!mayGo(cidr, ranges.list(), addresses.list())) {
      return say(cidr, { status: 'False', reason: 'Terminating', message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR' });
    }
    const left = Date.parse(cidr.metadata.deletionTimestamp) + GRACE_MS - clock.now();
    if (left > 0) return { afterMs: left };
    await client.update(ServiceCIDRs, withoutFinalizer(cidr, FINALIZER)).catch(unlessGone);
  };

  return controllerIn(context, {
    name,
    reconcile,
    setup: (queue) => {
      const add = (cidr: ServiceCIDR) => queue.add(cidr.metadata.name ?? '');
      /** One that comes may let another go. */
      const addWithOthers = (cidr: ServiceCIDR) => ranges.list().filter((other) => overlap(cidr, other)).forEach(add);
      const addRangesOf = (address: IPAddress) => ranges.list().filter((cidr) => containsAddress(cidr, address)).forEach(add);
      ranges.onChange({ added: (cidr) => { add(cidr); addWithOthers(cidr); }, updated: (_, cidr) => add(cidr) });
      addresses.onChange({ added: addRangesOf, deleted: addRangesOf });
      return [ranges, addresses];
    },
  });
}
