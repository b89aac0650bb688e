import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Container, Pod, PodSpec, Volume } from '../../api/types/core.v1.ts';
import { virtualClock } from '../../base/clock.ts';
import { seededRandom } from '../../base/random.ts';
import { clearKubelet } from '../clear.ts';
import type { ObjectCache } from '../pods/objects.ts';
import { writeAtomically } from './atomic-writer.ts';
import { diskVolumes } from './disk.ts';
import { checkPaths, configMapPayload, type Payload } from './payload.ts';
import { expandSubPath, resolveSubPath } from './sub-path.ts';
import { volumeSources } from './sources.ts';
import { VolumeError } from './types.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'coracle-volumes-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const files = (entries: Record<string, string>, mode = 0o644): Payload => new Map(Object.entries(entries).map(([path, text]) => [path, { data: Buffer.from(text), mode }]));
const options = { now: Date.UTC(2025, 0, 31, 12), random: seededRandom(1), fsGroup: undefined, mayChown: false };

describe('the atomic writer', () => {
  test('files are links through ..data into a dated directory', async () => {
    const at = join(root, 'v');
    expect(await writeAtomically(at, files({ a: '1', 'd/b': '2' }), options)).toBe(true);
    expect(readFileSync(join(at, 'a'), 'utf8') + readFileSync(join(at, 'd/b'), 'utf8')).toBe('12');
    expect(readlinkSync(join(at, 'a'))).toBe('..data/a');
    expect(readlinkSync(join(at, '..data'))).toMatch(/^\.\.2025_01_31_12_00_00\.\d+$/);
    expect(statSync(join(at, 'a')).mode & 0o777).toBe(0o644);
  });
  test('an update swaps all at once, removes what is gone, and leaves one dated directory', async () => {
    const at = join(root, 'v');
    await writeAtomically(at, files({ a: '1', b: '1', 'd/x': '1' }), options);
    expect(await writeAtomically(at, files({ a: '1', b: '1', 'd/x': '1' }), options)).toBe(false);
    expect(await writeAtomically(at, files({ a: '2', c: '2' }), options)).toBe(true);
    expect(readdirSync(at).filter((n) => !n.startsWith('..')).sort()).toEqual(['a', 'c']);
    expect(readdirSync(at).filter((n) => n.startsWith('..2025'))).toHaveLength(1);
    expect(await writeAtomically(at, files({ a: '2', c: '2' }, 0o400), options)).toBe(true);
    expect(statSync(join(at, 'a')).mode & 0o777).toBe(0o400);
  });
  test('those who wait for the rename of ..data hear of it', async () => {
    const at = join(root, 'v');
    await writeAtomically(at, files({ a: '1' }), options);
    const names: string[] = [];
    const watcher = watch(at, (_type, name) => void names.push(String(name)));
    await writeAtomically(at, files({ a: '2' }), options);
    await expect.poll(() => names).toContain('..data');
    watcher.close();
  });
  test.each(['../x', '/x', '', 'a/../../x', '..x/y', 'a'.repeat(256)])('refuses the path %j', (path) => {
    expect(() => checkPaths(files({ [path]: '' }))).toThrow('invalid path');
  });
});

test('items choose and rename; a missing key is an error unless optional', () => {
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1' }, binaryData: { b: Buffer.from([0, 255]).toString('base64') } };
  const shown = (p: Payload) => [...p].map(([path, f]) => [path, f.data.toString('latin1'), f.mode]);
  expect(shown(configMapPayload(undefined, configMap, 0o640, false))).toEqual([['a', '1', 0o640], ['b', '\u0000\u00ff', 0o640]]);
  expect(shown(configMapPayload([{ key: 'a', path: 'x/y', mode: 0o400 }], configMap, 0o644, false))).toEqual([['x/y', '1', 0o400]]);
  expect(() => configMapPayload([{ key: 'z', path: 'z' }], configMap, 0o644, false)).toThrow('configmap references non-existent config key: z');
  expect(shown(configMapPayload([{ key: 'z', path: 'z' }], configMap, 0o644, true))).toEqual([]);
});

describe('subPath', () => {
  test('makes directories, follows links inside, and never leaves the volume', async () => {
    mkdirSync(join(root, 'v/real'), { recursive: true });
    symlinkSync('real', join(root, 'v/link'));
    symlinkSync('/etc', join(root, 'v/out'));
    expect(await resolveSubPath(join(root, 'v'), 'a/b', 'm')).toBe(join(root, 'v/a/b'));
    expect(await resolveSubPath(join(root, 'v'), 'link', 'm')).toBe(join(root, 'v/real'));
    await expect(resolveSubPath(join(root, 'v'), 'out', 'm')).rejects.toThrow('leads out of the volume');
    await expect(resolveSubPath(join(root, 'v'), 'out/new', 'm')).rejects.toThrow('leads out of the volume');
    await expect(resolveSubPath(join(root, 'v'), '../x', 'm')).rejects.toThrow('must be a relative path');
  });
  test('what it makes has the rights of the volume, whatever the umask', async () => {
    mkdirSync(join(root, 'v'));
    chmodSync(join(root, 'v'), 0o3777);
    const made = await resolveSubPath(join(root, 'v'), 'a/b', 'm');
    expect([made, join(made, '..')].map((path) => statSync(path).mode & 0o7777)).toEqual([0o3777, 0o3777]);
  });
  test('an expression needs all its variables', () => {
    const lookup = (name: string) => ({ POD: 'p', EMPTY: '' })[name];
    expect(expandSubPath('logs/$(POD)/$$(X)', lookup)).toBe('logs/p/$(X)');
    expect(() => expandSubPath('$(Z)/$(POD)/$(EMPTY)', lookup)).toThrow('missing value for EMPTY, Z');
  });
});

describe('disk volumes', () => {
  const objects = new Map<string, unknown>();
  const cache = { get: async (_owner: string, type: { kind: string }, ns: string, name: string) => objects.get(`${type.kind}/${ns}/${name}`) } as unknown as ObjectCache;
  const clock = virtualClock();
  let asked = 0;
  const tokens = { get: async () => ({ token: `t${++asked}`, refreshAt: clock.now() + 1000 }), forget: () => {} };
  const make = () => diskVolumes({
    directory: root, clock, random: seededRandom(2),
    sources: volumeSources({ objects: cache, tokens, allocatable: {}, addresses: () => ({ podIPs: ['10.1.1.1'], hostIPs: [] }) }),
  });
  const pod = (volumes: Volume[], spec: Partial<PodSpec> = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'ns', uid: 'u', labels: { a: '1' } }, spec: { containers: [], volumes, ...spec } });
  const at = (plugin: string, name: string) => join(root, 'pods/u/volumes', `kubernetes.io~${plugin}`, name);
  const container = (volumeMounts: Container['volumeMounts']): Container => ({ name: 'c', volumeMounts });
  const none = () => undefined;

  beforeEach(() => {
    objects.clear();
    objects.set('ConfigMap/ns/c', { data: { a: '1' } });
    objects.set('Secret/ns/s', { data: { pw: Buffer.from('x').toString('base64') } });
  });

  test('a PersistentVolume that cannot be had is told by its own name', async () => {
    const told = async (spec: object) => {
      objects.set('PersistentVolumeClaim/ns/claim', { metadata: {}, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } });
      objects.set('PersistentVolume//pv', { metadata: { name: 'pv' }, spec });
      return make().mount(pod([{ name: 'v', persistentVolumeClaim: { claimName: 'claim' } }])).then(() => '', (error: VolumeError) => error.failures.map(({ message }) => message).join());
    };
    mkdirSync(join(root, 'there'));
    writeFileSync(join(root, 'file'), '');
    expect(await told({ local: { path: join(root, 'there') } })).toBe('');
    expect(await told({ local: { path: '/not-there' } })).toBe('MountVolume.NewMounter initialization failed for volume "pv" : path "/not-there" does not exist');
    expect(await told({ local: { path: join(root, 'file') } })).toBe('MountVolume.NewMounter initialization failed for volume "pv" : only directory and block device are supported');
    expect(await told({ hostPath: { path: join(root, 'file'), type: 'Directory' } })).toBe(`MountVolume.SetUp failed for volume "pv" : hostPath type check failed: ${join(root, 'file')} is not a directory`);
    expect(await told({ local: { path: join(root, 'there') }, volumeMode: 'Block' })).toMatch(/^MapVolume.SetUp failed for volume "pv" : this node gives no block devices/);
  });

  test('a volume of files is no device', async () => {
    const volumes = make();
    const p = pod([{ name: 'e', emptyDir: {} }]);
    await volumes.mount(p);
    await expect(volumes.mounts(p, { name: 'c', volumeDevices: [{ name: 'e', devicePath: '/dev/x' }] }, none)).rejects.toThrow('volume e has volumeMode Filesystem, but is specified in volumeDevices');
  });

  test('all kinds, mounted as asked, and gone at the end', async () => {
    mkdirSync(join(root, 'host'));
    objects.set('PersistentVolumeClaim/ns/claim', { metadata: {}, spec: { volumeName: 'pv' }, status: { phase: 'Bound' } });
    objects.set('PersistentVolume//pv', { metadata: { name: 'pv' }, spec: { hostPath: { path: join(root, 'host') } } });
    const volumes = make();
    const p = pod([
      { name: 'e', emptyDir: {} }, { name: 'c', configMap: { name: 'c', defaultMode: 0o600 } }, { name: 's', secret: { secretName: 's' } }, { name: 'h', hostPath: { path: join(root, 'made'), type: 'DirectoryOrCreate' } },
      { name: 'd', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }, { path: 'ip', fieldRef: { fieldPath: 'status.podIP' } }] } },
      { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'c', items: [{ key: 'a', path: 'ca' }] } }] } }, { name: 'v', persistentVolumeClaim: { claimName: 'claim', readOnly: true } },
    ]);
    await volumes.mount(p);
    expect(readFileSync(join(at('configmap', 'c'), 'a'), 'utf8')).toBe('1');
    expect(statSync(join(at('configmap', 'c'), 'a')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(at('secret', 's'), 'pw'), 'utf8')).toBe('x');
    expect(readFileSync(join(at('downward-api', 'd'), 'labels'), 'utf8')).toBe('a="1"');
    expect(readFileSync(join(at('downward-api', 'd'), 'ip'), 'utf8')).toBe('10.1.1.1');
    expect(readFileSync(join(at('projected', 'p'), 'token'), 'utf8')).toBe('t1');
    expect(statSync(at('empty-dir', 'e')).mode & 0o777).toBe(0o777);
    expect(await volumes.mounts(p, container([{ name: 'e', mountPath: '/e', subPathExpr: '$(X)' }, { name: 'c', mountPath: '/c' }, { name: 'v', mountPath: '/v' }, { name: 'h', mountPath: 'h', readOnly: true, mountPropagation: 'HostToContainer' }]), (name) => (name === 'X' ? 'sub' : undefined))).toEqual([
      { hostPath: join(at('empty-dir', 'e'), 'sub'), containerPath: '/e', readOnly: false, propagation: 'private' },
      { hostPath: at('configmap', 'c'), containerPath: '/c', readOnly: true, propagation: 'private' },
      { hostPath: join(root, 'host'), containerPath: '/v', readOnly: true, propagation: 'private' },
      { hostPath: join(root, 'made'), containerPath: '/h', readOnly: true, propagation: 'rslave' },
    ]);
    writeFileSync(join(at('empty-dir', 'e'), 'big'), Buffer.alloc(8192));
    expect((await volumes.emptyDirUsage(p)).get('e')).toBe(8192);
    await volumes.unmount('u');
    expect(readdirSync(join(root, 'pods/u'))).toEqual([]);
    expect(readdirSync(root).sort()).toEqual(['host', 'made', 'pods']);
  });

  const user = (runAsUser: number) => ({ name: `u${runAsUser}`, image: 'i', securityContext: { runAsUser } });
  test.each<[string, Partial<PodSpec>, number]>([
    ['nobody named', {}, 0o644],
    ['one user', { containers: [user(process.getuid!())] }, 0o600],
    ['two users', { containers: [user(1), user(2)] }, 0o644],
    ['one that says nothing', { containers: [user(1), { name: 'c', image: 'i' }] }, 0o644],
  ])('a token is for whom the pod runs as: %s', async (_who, spec, mode) => {
    await make().mount(pod([{ name: 'p', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }], spec));
    const { mode: got, uid } = statSync(join(at('projected', 'p'), 'token'));
    expect([got & 0o777, uid]).toEqual([mode, process.getuid!()]);
  });

  test('changes, new labels and due tokens are written again', async () => {
    const volumes = make();
    const p = pod([{ name: 'c', configMap: { name: 'c' } }, { name: 'd', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }, { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }]);
    await volumes.mount(p);
    objects.set('ConfigMap/ns/c', { data: { a: '2' } });
    await volumes.update('u');
    expect(readFileSync(join(at('configmap', 'c'), 'a'), 'utf8')).toBe('2');
    await volumes.mount({ ...p, metadata: { ...p.metadata, labels: { a: '9' } } });
    expect(readFileSync(join(at('downward-api', 'd'), 'labels'), 'utf8')).toBe('a="9"');
    const before = readFileSync(join(at('projected', 'p'), 'token'), 'utf8');
    await clock.advance(1100);
    await expect.poll(() => readFileSync(join(at('projected', 'p'), 'token'), 'utf8')).not.toBe(before);
    await volumes.stop();
  });

  test.each([
    [{ name: 'v', configMap: { name: 'no' } }, 'MountVolume.SetUp failed for volume "v" : configmap "no" not found'],
    [{ name: 'v', secret: { secretName: 's', items: [{ key: 'k', path: 'k' }] } }, 'MountVolume.SetUp failed for volume "v" : references non-existent secret key: k'],
    [{ name: 'v', projected: { sources: [{ configMap: { name: 'x' } }, { secret: { name: 'y' } }] } }, 'MountVolume.SetUp failed for volume "v" : [configmap "x" not found, secret "y" not found]'],
    [{ name: 'v', hostPath: { path: '/dev/null', type: 'Directory' } }, 'MountVolume.SetUp failed for volume "v" : hostPath type check failed: /dev/null is not a directory'],
    [{ name: 'v', persistentVolumeClaim: { claimName: 'no' } }, 'MountVolume.SetUp failed for volume "v" : error getting PVC "ns/no": could not find PVC'],
  ] as [Volume, string][])('%j says why it is not ready', async (volume, message) => {
    const failed = await make().mount(pod([volume])).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(VolumeError);
    expect((failed as VolumeError).failures).toEqual([{ volume: 'v', message }]);
  });

  test('optional sources may be missing, and appear later', async () => {
    const volumes = make();
    await volumes.mount(pod([{ name: 'c', configMap: { name: 'late', optional: true } }]));
    expect(readdirSync(at('configmap', 'c')).filter((n) => !n.startsWith('..'))).toEqual([]);
    objects.set('ConfigMap/ns/late', { data: { k: 'v' } });
    await volumes.update('u');
    expect(readFileSync(join(at('configmap', 'c'), 'k'), 'utf8')).toBe('v');
    expect(await volumes.mounts(pod([]), container([]), none)).toEqual([]);
  });

  test('what is left of other pods goes', async () => {
    mkdirSync(join(root, 'pods/old/volumes/x'), { recursive: true });
    mkdirSync(join(root, 'pods/u'), { recursive: true });
    await make().removeOrphans(new Set(['u']));
    expect(readdirSync(join(root, 'pods'))).toEqual(['u']);
  });

  test.runIf(process.getuid?.() === 0)('fsGroup owns what the pod writes to, and can read its files', async () => {
    const volumes = make();
    await volumes.mount(pod([{ name: 'e', emptyDir: {} }, { name: 's', secret: { secretName: 's', defaultMode: 0o400 } }], { securityContext: { fsGroup: 4242 } }));
    expect(statSync(at('empty-dir', 'e')).gid).toBe(4242);
    expect(statSync(at('empty-dir', 'e')).mode & 0o2070).toBe(0o2070);
    expect(statSync(join(at('secret', 's'), 'pw'))).toMatchObject({ gid: 4242 });
    expect(statSync(join(at('secret', 's'), 'pw')).mode & 0o777).toBe(0o440);
  });

  test.runIf(process.getuid?.() === 0)('a Memory emptyDir is sticky, and what a subPath of it makes as well; one on disk is not', async () => {
    const volumes = make();
    const p = pod([{ name: 'm', emptyDir: { medium: 'Memory' } }, { name: 'e', emptyDir: {} }], { securityContext: { fsGroup: 4321 } });
    await volumes.mount(p);
    const mounts = await volumes.mounts(p, container([{ name: 'm', mountPath: '/m', subPath: 'sub' }, { name: 'e', mountPath: '/e', subPath: 'sub' }]), none);
    const rights = (path: string) => [statSync(path).mode & 0o7777, statSync(path).gid];
    expect([at('empty-dir', 'm'), ...mounts.map(({ hostPath }) => hostPath)].map(rights)).toEqual([[0o3777, 4321], [0o3777, 4321], [0o2777, 4321]]);
    await volumes.unmount('u');
  });

  test.runIf(process.getuid?.() === 0)('a Memory emptyDir is a tmpfs of its limit, unmounted at the end', async () => {
    const volumes = make();
    await volumes.mount(pod([{ name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }]));
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toContain(at('empty-dir', 'm'));
    expect(() => writeFileSync(join(at('empty-dir', 'm'), 'f'), Buffer.alloc(2 * 2 ** 20))).toThrow('ENOSPC');
    await volumes.unmount('u');
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(at('empty-dir', 'm'));
    await make().mount(pod([{ name: 'm', emptyDir: { medium: 'Memory' } }]));
    await clearKubelet(root);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(root);
    expect(readdirSync(root)).toEqual([]);
  });
});
