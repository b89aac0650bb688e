import { aggregate, countedLists, type Algebra } from '../api/pod-resources.ts';
import type { Container, Pod, PodSpec } from '../api/types/core.v1.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from '../base/quantity.ts';

/** Resource amounts by name: cpu in millicores, the rest in units (bytes, counts). */
export type Amounts = ReadonlyMap<string, number>;

const NONE: Amounts = new Map();

/** Requests that a pod is scored with when it declares none (scheduler/util pod_resources.go). */
const DEFAULT_MILLI_CPU = 100;
const DEFAULT_MEMORY = 200 * 1024 * 1024;

/** Reads `{cpu: "100m", memory: "1Gi"}`. */
export function amounts(list: Readonly<Record<string, string>> | undefined): Amounts {
  if (!list) return NONE;
  const out = new Map<string, number>();
  for (const [name, text] of Object.entries(list)) {
    const quantity = parseQuantity(text);
    out.set(name, name === 'cpu' ? quantityMilliValue(quantity) : quantityValue(quantity));
  }
  return out;
}

export function add(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (x, y) => x + y);
}

export function subtract(a: Amounts, b: Amounts): Amounts {
  return combine(a, b, (x, y) => x - y);
}

function combine(a: Amounts, b: Amounts, f: (x: number, y: number) => number): Amounts {
  const out = new Map(a);
  for (const [name, amount] of b) out.set(name, f(out.get(name) ?? 0, amount));
  return out;
}

const algebra: Algebra<Amounts> = { zero: NONE, add, max: (a, b) => combine(a, b, Math.max) };

/** What a pod asks of a node, overhead included (component-helpers resource/helpers.go PodRequests). */
export function podRequests(pod: Pod): Amounts {
  return totalOf(pod.spec, containerRequests(pod));
}

function containerRequests(pod: Pod): (container: Container) => Amounts {
  const lists = countedLists(pod, 'requests');
  return (container) => lists(container).map(amounts).reduce(algebra.max);
}

function totalOf(spec: PodSpec, of: (container: Container) => Amounts): Amounts {
  const containers = aggregate(spec, of, algebra);
  const whole = amounts(spec.resources?.requests);
  const total = whole.size > 0 ? new Map([...containers, ...whole]) : containers;
  return spec.overhead ? add(total, amounts(spec.overhead)) : total;
}

/** The same with the scoring defaults for containers that ask for nothing. */
export function scoringRequests(pod: Pod): Amounts {
  const of = containerRequests(pod);
  return totalOf(pod.spec, (container) => new Map([['cpu', DEFAULT_MILLI_CPU], ['memory', DEFAULT_MEMORY], ...of(container)]));
}
