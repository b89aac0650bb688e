import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { knownAddresses, loadAddresses, type Machine, nodeCidr } from './addresses.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'coracle-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const place = (name: string) => join(root, name);
const machine = (...taken: number[]): Machine => ({ taken: () => new Set(taken), interfaceWith: () => undefined });
const load = (directory: string | undefined, name: string, onLoopback: boolean, on: Machine) => loadAddresses({ directory, name, onLoopback, bridge: 'mine', machine: on });
const played = (directory: string, name: string, on: Machine) => loadAddresses({ directory, name, bridge: undefined, machine: on });
const kubeadm = { podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16', kubernetes: '10.96.0.1', dns: '10.96.0.10', gateway: '10.244.0.1' };

describe('the ranges', () => {
  test('of the default cluster are those of kubeadm', () => expect(load(place('a'), 'default', false, machine())).toEqual(kubeadm));

  test.each([[244], [96]])('are others where 10.%d is taken', (second) => {
    const { podCidr, serviceCidr } = load(place('a'), 'default', false, machine(second));
    expect([podCidr, serviceCidr]).not.toContain(`10.${second}.0.0/16`);
  });

  test('of another cluster are its own, and never taken ones', () => {
    // All but one pair.
    const taken = Array.from({ length: 60 }, (_, i) => 100 + i).filter((second) => second !== 137);
    expect(load(place('b'), 'other', false, machine(...taken))).toEqual({ podCidr: '10.137.0.0/16', serviceCidr: '10.197.0.0/16', kubernetes: '10.197.0.1', dns: '10.197.0.10', gateway: '10.137.0.1' });
  });

  test('cannot be had where none is left; a cluster of which nothing is on this machine does not need its own', () => {
    const full = machine(...Array.from({ length: 60 }, (_, i) => 100 + i));
    expect(() => load(place('b'), 'other', false, full)).toThrow(/^no addresses are left for this cluster: .* Take another cluster down/);
    expect(knownAddresses(place('b'))).toBeUndefined();
    expect(played(place('b'), 'other', full).podCidr).toMatch(/^10\.1\d\d\.0\.0\/16$/);
  });

  test('are refused when another has taken them meanwhile; its own bridge of before is no other', () => {
    const { gateway } = load(place('a'), 'a', false, machine());
    const held = (by: string): Machine => ({ ...machine(), interfaceWith: (address) => (address === gateway ? by : undefined) });
    expect(load(place('a'), 'a', false, held('mine')).gateway).toBe(gateway);
    expect(() => load(place('a'), 'a', false, held('cor-other'))).toThrow(/is in use: the interface cor-other has 10\..*Take that one down, or remove .*\/a\/addresses\.json/);
    expect(played(place('a'), 'a', held('cor-other')).gateway).toBe(gateway);
  });

  test('without root: services on loopback', () => {
    expect(load(place('a'), 'default', true, machine())).toEqual({ ...kubeadm, serviceCidr: '127.96.0.0/16', kubernetes: '127.96.0.1', dns: '127.96.0.10' });
  });

  test('stay with the directory, whatever the machine has by then', () => {
    expect(knownAddresses(place('a'))).toBeUndefined();
    const first = load(place('a'), 'default', false, machine());
    expect(load(place('a'), 'renamed', true, machine(244, 96))).toEqual(first);
    expect(knownAddresses(place('a'))).toEqual(first);
  });

  test('of a cluster that keeps nothing go by its name', () => {
    expect(load(undefined, 'x', false, machine())).toEqual(load(undefined, 'x', false, machine()));
  });

  test('a file that cannot be read: which one, and what to do', () => {
    load(place('a'), 'default', false, machine());
    writeFileSync(join(place('a'), 'addresses.json'), '');
    expect(() => load(place('a'), 'default', false, machine())).toThrow(/^\S+\/a\/addresses\.json cannot be read \(.*\): restore it, or remove it; the cluster then gets new ranges, which its Services of before are not in$/);
  });
});

test.each([[0, '10.244.0.0/24'], [255, '10.244.255.0/24'], [256, '10.245.0.0/24'], [999, '10.247.231.0/24']])('node %d has %s', (index, cidr) => {
  expect(nodeCidr(kubeadm, index)).toBe(cidr);
});
