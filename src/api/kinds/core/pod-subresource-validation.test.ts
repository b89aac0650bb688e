import { describe, expect, test } from 'vitest';
import type { Container, Pod } from '../../types/core.v1.ts';
import { made } from '../complaints.suite.ts';
import { validateEphemeralUpdate, validateResize } from './pod-subresource-validation.ts';

const burstable: Container = { name: 'c', image: 'i', resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } } };
const pod = (container: Container = burstable): Pod => made('Pod', { spec: { containers: [container] } }) as Pod;

describe('resizing a pod', () => {
  const rows: [string, (container: Container) => void, string[]][] = [
    ['more CPU', (c) => { c.resources!.requests!.cpu = '2'; }, []],
    ['more memory', (c) => { c.resources!.limits!.memory = '2Gi'; }, []],
    ['less memory', (c) => { c.resources!.limits!.memory = '1Mi'; c.resources!.requests!.memory = '1Mi'; }, ['spec.containers[0].resources.limits[memory]: memory limits cannot be decreased unless resizePolicy is RestartContainer']],
    ['no request', (c) => { delete c.resources!.requests!.cpu; }, ['spec.containers[0].resources.requests: resource requests cannot be removed']],
    ['another image', (c) => { c.image = 'j'; }, ['spec: only cpu and memory resources are mutable']],
    ['another class', (c) => { c.resources!.limits!.cpu = '1'; }, ['spec: Pod QOS Class may not change as a result of resizing']],
  ];
  test.each(rows)('%s', (_name, change, expected) => {
    const next = structuredClone(pod());
    change(next.spec.containers[0]!);
    expect(validateResize(next, pod()).map((e) => `${e.field}: ${e.detail.replace(/^Forbidden: |^Invalid value: "[^"]*": /, '')}`)).toEqual(expected);
  });
});

test('ephemeral containers come and stay', () => {
  const debug = { name: 'd', image: 'busybox' };
  const old = { ...pod(), spec: { ...pod().spec, ephemeralContainers: [debug] } };
  const withList = (ephemeralContainers: object[]) => ({ ...old, spec: { ...old.spec, ephemeralContainers } }) as Pod;
  expect(validateEphemeralUpdate(withList([debug, { name: 'e', image: 'x' }]), old)).toEqual([]);
  expect(validateEphemeralUpdate(withList([]), old)[0]!.detail).toBe('Forbidden: existing ephemeral containers "d" may not be removed\n');
  expect(validateEphemeralUpdate(withList([{ ...debug, image: 'y' }]), old)[0]!.detail).toBe('Forbidden: existing ephemeral containers "d" may not be changed\n- image: "busybox"\n+ image: "y"\n');
});
