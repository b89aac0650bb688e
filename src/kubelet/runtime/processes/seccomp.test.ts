import { expect, test } from 'vitest';
import { runtimeDefaultFilter } from './seccomp.ts';

/** What the kernel would do with a call: runs the filter's program. */
function outcome(filter: Buffer, machine: number, number: number, argument = 0): 'allow' | 'EPERM' | 'ENOSYS' | string {
  const data = new Map([[0, number], [4, machine], [16, argument]]);
  let loaded = 0;
  for (let i = 0; ; i++) {
    const at = i * 8;
    const [code, ifTrue, ifFalse, value] = [filter.readUInt16LE(at), filter[at + 2]!, filter[at + 3]!, filter.readUInt32LE(at + 4)];
    const jump = (holds: boolean) => void (i += holds ? ifTrue : ifFalse);
    if (code === 0x20) loaded = data.get(value)!;
    else if (code === 0x15) jump(loaded === value);
    else if (code === 0x35) jump(loaded >= value);
    else if (code === 0x45) jump((loaded & value) !== 0);
    else return { 0x7fff0000: 'allow', 0x00050001: 'EPERM', 0x00050026: 'ENOSYS' }[value] ?? String(value);
  }
}
const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;

test.each<[string, string, number, readonly string[], number, number, string]>([
  ['read', 'x64', X64, [], 0, 0, 'allow'],
  ['mount', 'x64', X64, [], 165, 0, 'EPERM'],
  ['mount with its capability', 'x64', X64, ['SYS_ADMIN'], 165, 0, 'allow'],
  ['keyctl, which no capability lifts', 'x64', X64, ['SYS_ADMIN'], 250, 0, 'EPERM'],
  ['bpf with the capability over all', 'x64', X64, ['SYS_ADMIN'], 321, 0, 'allow'],
  ['a thread', 'x64', X64, [], 56, 0x3d0f00, 'allow'],
  ['a user namespace', 'x64', X64, [], 56, 0x10000000, 'EPERM'],
  ['clone3', 'x64', X64, [], 435, 0, 'ENOSYS'],
  ['an x32 call', 'x64', X64, [], 0x40000000 + 165, 0, 'ENOSYS'],
  ['a 32 bit call', 'x64', 0x40000003, [], 21, 0, 'ENOSYS'],
  ['mount on arm64', 'arm64', ARM64, [], 40, 0, 'EPERM'],
  ['unlinkat on arm64, whose number on x86-64 is another call', 'arm64', ARM64, [], 35, 0, 'allow'],
])('%s', (_name, machine, audit, capabilities, number, argument, expected) => {
  expect(outcome(runtimeDefaultFilter(capabilities, machine), audit, number, argument)).toBe(expected);
});

test('a machine whose numbers are not known is an error', () => {
  expect(() => runtimeDefaultFilter([], 's390x')).toThrow('not available on s390x');
});
