import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { needsRule } from './bridge-filter.ts';
import { cpuWeight, findControlGroups, groupProcs, groupSteps, oomFile, updateSteps } from './cgroups.ts';
import { hostsFile, resolvConf } from './etc-files.ts';
import { hostMask, maskText } from './host-mask.ts';
import { decode, encode } from './launcher/launcher.ts';
import { limiter } from './limiter.ts';
import { addressPool, bridgeName, linkName } from './pod-network.ts';
import { hostPrograms, sandboxFlags } from './start-request.ts';
import { sandboxConfig } from './testing.ts';
import { ownGroup } from './usable-groups.ts';

const line = (mount: string, type: string, options: string) => `30 23 0:28 / ${mount} rw,relatime - ${type} ${type} rw,${options}`;
const V2 = line('/sys/fs/cgroup', 'cgroup2', 'nsdelegate');
const V1 = ['cpu,cpuacct', 'memory', 'pids', 'freezer'].map((name) => line(`/sys/fs/cgroup/${name}`, 'cgroup', name));
const limits = { cpuShares: 102, cpuQuota: 50_000, memoryBytes: 1 << 20, pids: 9 };

describe('control groups', () => {
  test.each([
    ['unified', [V2], 2, ['/sys/fs/cgroup/a/b/cgroup.procs']],
    ['version 1, cpu and cpuacct together', V1, 1, ['/sys/fs/cgroup/cpu,cpuacct/a/b/cgroup.procs', '/sys/fs/cgroup/memory/a/b/cgroup.procs', '/sys/fs/cgroup/pids/a/b/cgroup.procs', '/sys/fs/cgroup/freezer/a/b/cgroup.procs']],
    ['hybrid counts as version 1', [...V1, line('/sys/fs/cgroup/unified', 'cgroup2', 'x')], 1, undefined],
    ['none', [line('/', 'ext4', 'x')], 0, []],
  ])('%s', (_name, lines, version, procs) => {
    const groups = findControlGroups(lines.join('\n'));
    expect(groups.version).toBe(version);
    if (procs) expect(groupProcs(groups, 'a/b')).toEqual(procs);
  });

  test('version 2: every ancestor hands its controllers down, a leaf does not', () => {
    const groups = findControlGroups(V2);
    const steps = groupSteps(groups, 'top/pod/c', limits, true);
    expect(steps.filter(([, path]) => path.endsWith('subtree_control')).map(([kind, path, value]) => [kind, path.slice('/sys/fs/cgroup'.length), value])).toEqual(
      ['/top', '/top/pod'].flatMap((at) => ['+cpu', '+memory', '+pids'].map((value) => ['try', `${at}/cgroup.subtree_control`, value])),
    );
    expect(steps.filter(([, path]) => path.includes('/c/')).map(([, path, value]) => [path.split('/').pop(), value])).toEqual([
      ['cpu.weight', '4'],
      ['cpu.max', '50000 100000'],
      ['memory.max', '1048576'],
      ['memory.swap.max', '0'],
      ['pids.max', '9'],
      ['memory.oom.group', '1'],
    ]);
    expect(groupSteps(groups, 'top/pod', undefined, false).some(([, path]) => path === '/sys/fs/cgroup/top/pod/cgroup.subtree_control')).toBe(true);
    expect(oomFile(groups, 'x')).toBe('/sys/fs/cgroup/x/memory.events');
  });

  test('version 2: a controller that is not there is not asked for', () => {
    const groups = { ...findControlGroups(V2), controllers: ['pids'] };
    expect(groupSteps(groups, 'p/c', limits, true).map(([, path, value]) => [path.slice('/sys/fs/cgroup/'.length), value])).toEqual([['p/c', ''], ['p/cgroup.subtree_control', '+pids'], ['p/c/pids.max', '9']]);
    expect(oomFile(groups, 'c')).toBe(undefined);
  });

  test.each([
    ['/', '0::/user.slice/session-1.scope', '/sys/fs/cgroup/user.slice/session-1.scope'],
    ['/', '1:cpu:/x\n0::/\n', '/sys/fs/cgroup'],
    // A part of the tree is mounted, as Docker does it without a namespace of groups.
    ['/docker/1', '0::/docker/1/a', '/sys/fs/cgroup/a'],
    ['/docker/1', '0::/docker/12', undefined],
    // Before it made way for the groups below.
    ['/', '0::/user.slice/run.scope/coracle-outside', '/sys/fs/cgroup/user.slice/run.scope'],
    ['/', '1:cpu:/x', undefined],
  ])('the own group, of a mount of %s and %j', (root, own, expected) => expect(ownGroup(V2.replace(' / ', ` ${root} `), own)).toBe(expected));

  test('none: limits are left alone', () => {
    expect(groupSteps(findControlGroups(''), 'p', limits, true)).toEqual([]);
  });

  test('version 1: each limit in its hierarchy', () => {
    const steps = groupSteps(findControlGroups(V1.join('\n')), 'p', limits, true).filter(([kind]) => kind !== 'dir');
    expect(steps.map(([, path, value]) => [path.slice('/sys/fs/cgroup/'.length), value])).toEqual([
      ['cpu,cpuacct/p/cpu.shares', '102'],
      ['cpu,cpuacct/p/cpu.cfs_period_us', '100000'],
      ['cpu,cpuacct/p/cpu.cfs_quota_us', '50000'],
      ['memory/p/memory.limit_in_bytes', '1048576'],
      ['memory/p/memory.memsw.limit_in_bytes', '1048576'],
      ['pids/p/pids.max', '9'],
    ]);
  });

  test.each([
    [V2, limits, ['memory.max 1048576', 'cpu.weight 4', 'cpu.max 50000 100000']],
    [V2, { cpuShares: 2, cpuQuota: undefined, memoryBytes: undefined, pids: 9 }, ['memory.max max', 'cpu.weight 1', 'cpu.max max 100000']],
    // Memory with swap before memory on the way up, after it on the way down: of the two tries one is refused.
    [V1.join('\n'), limits, ['memory.memsw.limit_in_bytes 1048576', 'memory.limit_in_bytes 1048576', 'memory.memsw.limit_in_bytes 1048576', 'cpu.shares 102', 'cpu.cfs_quota_us 50000']],
    ['', limits, []],
  ])('limits that change', (mounts, resources, expected) => expect(updateSteps(findControlGroups(mounts), 'p', resources).map(([, path, value]) => `${path.split('/').pop()} ${value}`)).toEqual(expected));

  test.each([[2, 1], [102, 4], [1024, 39], [262144, 10000], [1_000_000, 10000]])('%i shares weigh %i', (shares, weight) => expect(cpuWeight(shares)).toBe(weight));
});

describe('addresses', () => {
  test('are all different, inside the range, never the reserved ones, and come back', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 40 })), { maxLength: 200 }), (steps) => {
        const pool = addressPool('10.1.2.0/27', new Set(['10.1.2.1']));
        const held = new Map<string, string>();
        for (const [take, owner] of steps) {
          if (!take) {
            pool.give(String(owner));
            held.delete(String(owner));
          } else if (held.size < 29 || held.has(String(owner))) {
            const ip = pool.take(String(owner));
            const last = Number(ip.split('.')[3]);
            if (last < 2 || last > 30 || !ip.startsWith('10.1.2.')) return false;
            if ([...held].some(([other, theirs]) => theirs === ip && other !== String(owner))) return false;
            held.set(String(owner), ip);
          } else expect(() => pool.take(String(owner))).toThrow('no IP addresses available in range set: 10.1.2.1-10.1.2.30');
        }
        return true;
      }),
    );
  });
  test('one that was given back rests as long as possible', () => {
    const pool = addressPool('10.0.0.0/29', new Set());
    const first = pool.take('a');
    pool.give('a');
    expect(pool.take('b')).not.toBe(first);
  });
  test('names fit the kernel\'s 15 characters', () => {
    expect(bridgeName('/some/where').length).toBeLessThanOrEqual(15);
    expect(linkName('f'.repeat(64)).length).toBeLessThanOrEqual(15);
  });
  test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/64', ''])('%s is no pod CIDR', (cidr) => expect(() => addressPool(cidr, new Set())).toThrow('invalid pod CIDR'));
});

test.each([
  ['-P FORWARD ACCEPT\n', false],
  ['-P FORWARD DROP\n-A FORWARD -j DOCKER-USER\n', true],
  ['-P FORWARD DROP\n-A FORWARD -i cor-1 -o cor-1 -m comment --comment "coracle: pods of one node" -j ACCEPT\n', false],
])('a rule for the bridge: %j', (rules, expected) => expect(needsRule(rules, 'cor-1')).toBe(expected));

test('messages to the helper read back as they were', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (fields) => {
      expect(decode(encode(fields))).toEqual(fields);
    }),
  );
});

test('namespaces by what the pod asks', () => {
  const flags = (changes: object, rootless = false) => sandboxFlags(sandboxConfig('/x', changes), rootless).toString(16);
  expect([flags({}), flags({ hostNetwork: true }), flags({ hostIPC: true }), flags({}, true)]).toEqual(['4c020000', '8020000', '44020000', 'c020000']);
});

test('a Node outside of the base system comes along, its neighbours do not', () => {
  expect(hostPrograms('/usr/bin/node')).toEqual([]);
  expect(hostPrograms('/home/me/.nvm/v20/bin/node', () => true)).toEqual(['/home/me/.nvm/v20/bin/node', '/home/me/.nvm/v20/lib/node_modules']);
});

test('resolv.conf and hosts', () => {
  expect(resolvConf({ servers: ['10.96.0.10'], searches: ['a.svc', 'svc'], options: ['ndots:5'] })).toBe('search a.svc svc\nnameserver 10.96.0.10\noptions ndots:5\n');
  const hosts = hostsFile(sandboxConfig('/x', { hostname: 'web', hostAliases: [{ ip: '1.2.3.4', hostnames: ['a', 'b'] }] }), '10.0.0.9', '');
  expect(hosts).toContain('\n10.0.0.9\tweb\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n');
  const domain = 'db.ns.svc.cluster.local';
  for (const hostname of ['web', `web.${domain}`]) expect(hostsFile(sandboxConfig('/x', { hostname, domain }), '10.0.0.9', '')).toContain(`\n10.0.0.9\tweb.${domain}\tweb\n`);
  expect(hostsFile(sandboxConfig('/x', { hostNetwork: true }), undefined, '127.0.0.1 localhost\n')).toBe('# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n');
});

test('the mask hides what is not of a base system, and secrets of /etc', async () => {
  const root = mkdtempSync(join(tmpdir(), 'coracle-mask-'));
  try {
    for (const path of ['usr/bin', 'etc/ssl/private', 'etc/plain', 'home/me', 'work', 'tmp', 'var/lib/dpkg', 'var/lib/postgresql', 'var/log', 'var/odd']) mkdirSync(join(root, path), { recursive: true });
    symlinkSync('usr/bin', join(root, 'bin'));
    writeFileSync(join(root, 'etc/shadow'), 'secret', { mode: 0o640 });
    writeFileSync(join(root, 'etc/hosts'), 'public');
    chmodSync(join(root, 'etc/ssl/private'), 0o710);
    const entries = await hostMask(root);
    expect(entries.map(([kind, , path]) => `${kind} ${path}`).sort()).toEqual(
      ['dir /etc', 'dir /etc/ssl', 'dir /var', 'dir /var/lib', 'empty /home', 'empty /tmp', 'empty /var/log', 'hide /etc/shadow', 'hide /etc/ssl/private', 'hide /var/lib/postgresql', 'hide /var/odd', 'hide /work'],
    );
    expect(maskText([['empty', 0o1777, '/tmp']])).toBe('empty 1777 /tmp\0');
    // What holds others comes before them.
    for (const [, , path] of entries) for (const parent of entries) if (path.startsWith(`${parent[2]}/`)) expect(entries.indexOf(parent)).toBeLessThan(entries.findIndex((each) => each[2] === path));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('a limiter runs no more than it may, in order, also after failures', async () => {
  const inTurn = limiter(2);
  let running = 0;
  let most = 0;
  const order: number[] = [];
  const results = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) =>
      inTurn(async () => {
        most = Math.max(most, ++running);
        order.push(n);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        if (n % 3 === 0) throw new Error(String(n));
      }),
    ),
  );
  expect(most).toBe(2);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(3);
});
