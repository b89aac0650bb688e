import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../../../base/quantity.ts';
import type { PodQOSClass, PodSpec } from '../../types/core.v1.ts';

type Amounts = Map<string, Quantity>;

const counted = (name: string) => name === 'cpu' || name === 'memory';

/** The pod's quality of service: pkg/apis/core/helper/qos. */
export function qosClass(spec: PodSpec): PodQOSClass {
  const requests: Amounts = new Map();
  const limits: Amounts = new Map();
  const holders = spec.resources ? [{ resources: spec.resources }] : [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  let guaranteed = true;
  for (const { resources } of holders) {
    add(requests, resources?.requests);
    const own: Amounts = new Map();
    add(own, resources?.limits);
    add(limits, resources?.limits);
    guaranteed &&= own.has('cpu') && own.has('memory');
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  const equal = [...requests].every(([name, amount]) => limits.has(name) && compareQuantities(amount, limits.get(name)!) === 0);
  return guaranteed && equal && requests.size === limits.size ? 'Guaranteed' : 'Burstable';
}

function add(total: Amounts, list: Record<string, string> | undefined): void {
  for (const [name, text] of Object.entries(list ?? {})) {
    if (!counted(name)) continue;
    const amount = parseQuantity(text);
    if (amount.nanos <= 0n) continue;
    const sum = total.get(name);
    total.set(name, sum ? addQuantities(sum, amount) : amount);
  }
}
