import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { virtualClock, type VirtualClock } from '../base/clock.ts';
import { loadIdentity, type Identity } from './identity.ts';

const DAY = 86_400_000;
const hosts = ['127.0.0.1', 'kubernetes.default'];
let directory: string;
let clock: VirtualClock;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'coracle-test-')), 'data');
  clock = virtualClock();
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

const serving = (identity: Identity) => new X509Certificate(identity.pki.serving.cert);
const signedBy = (cert: string, ca: string) => new X509Certificate(cert).verify(new X509Certificate(ca).publicKey);

test('the same after a restart, in a file for its owner alone', async () => {
  const first = await loadIdentity(directory, hosts, clock);
  await clock.advance(100 * DAY);
  expect(await loadIdentity(directory, hosts, clock)).toEqual(first);
  expect(statSync(join(directory, 'pki.json')).mode & 0o777).toBe(0o600);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test('without a directory it is another one each time', async () => {
  const [a, b] = await Promise.all([loadIdentity(undefined, hosts, clock), loadIdentity(undefined, hosts, clock)]);
  expect(a.pki.ca.cert).not.toBe(b.pki.ca.cert);
});

test('it serves its hosts, and the administrator is one of system:masters', async () => {
  const { pki, admin } = await loadIdentity(directory, hosts, clock);
  expect(serving({ pki, admin }).checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(serving({ pki, admin }).checkHost('kubernetes.default')).toBe('kubernetes.default');
  expect(new X509Certificate(admin.cert).subject.split('\n').sort()).toEqual(['CN=kubernetes-admin', 'O=system:masters']);
  for (const { cert } of [pki.serving, admin]) expect(signedBy(cert, pki.ca.cert)).toBe(true);
});

test('a host more: another serving certificate, all else stays, also the next time', async () => {
  const before = await loadIdentity(directory, hosts, clock);
  const after = await loadIdentity(directory, [...hosts, '10.0.0.7'], clock);
  expect(serving(before).checkIP('10.0.0.7')).toBeUndefined();
  expect(serving(after).checkIP('10.0.0.7')).toBe('10.0.0.7');
  expect([after.pki.ca, after.pki.serviceAccountKey, after.admin]).toEqual([before.pki.ca, before.pki.serviceAccountKey, before.admin]);
  expect(await loadIdentity(directory, [...hosts, '10.0.0.7'], clock)).toEqual(after);
  expect(await loadIdentity(directory, hosts, clock)).toEqual(after);
});

test('certificates are made anew before they end, by the same CA and for the same tokens', async () => {
  const before = await loadIdentity(directory, hosts, clock);
  await clock.advance(200 * DAY);
  const after = await loadIdentity(directory, hosts, clock);
  expect([after.pki.ca, after.pki.serviceAccountKey]).toEqual([before.pki.ca, before.pki.serviceAccountKey]);
  for (const [old, next] of [[before.pki.serving, after.pki.serving], [before.admin, after.admin]] as const) {
    expect(Date.parse(new X509Certificate(next.cert).validTo) - Date.parse(new X509Certificate(old.cert).validTo)).toBe(200 * DAY);
    expect(signedBy(next.cert, before.pki.ca.cert)).toBe(true);
  }
  expect(serving(after).checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(await loadIdentity(directory, hosts, clock)).toEqual(after);
});

test('a file that cannot be read: which one, and what to do', async () => {
  await loadIdentity(directory, hosts, clock);
  writeFileSync(join(directory, 'pki.json'), '{"pki":');
  await expect(loadIdentity(directory, hosts, clock)).rejects.toThrow(/^\S+\/data\/pki\.json cannot be read \(.*JSON.*\): restore it, or remove it; the cluster then gets new keys, and kubeconfigs and tokens of before no longer work$/);
});
