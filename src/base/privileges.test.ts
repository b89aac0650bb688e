import { expect, test } from 'vitest';
import { administers } from './privileges.ts';

test.each([
  ['root of a machine', 'CapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n', true],
  ['root of a container of Docker', 'CapEff:\t00000000a80425fb\n', false],
  ['networks alone', 'CapEff:\t0000000000001000\n', false],
  ['both', 'CapEff:\t0000000000201000\n', true],
  ['a kernel that does not say', '', true],
])('%s', (_name, status, expected) => expect(administers(status)).toBe(expected));
