import { erase } from '../../kind.ts';
import { ingress } from './ingress.ts';
import { ingressClass } from './ingress-class.ts';
import { networkPolicy } from './network-policy.ts';
import { ipAddress } from './ip-address.ts';
import { serviceCIDR } from './service-cidr.ts';

/** The kinds of the networking group, in the order discovery lists them. */
export const networkingKinds = [
  erase(ingress),
  erase(ingressClass),
  erase(networkPolicy),
  erase(ipAddress),
  erase(serviceCIDR),
];
