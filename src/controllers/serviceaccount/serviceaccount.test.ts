import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { Secrets } from '../../api/kinds/core/secret.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { serviceAccountTokenController } from '../tokens/controller.ts';
import { namespaceDefaultsController } from './controller.ts';

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

let bed: Testbed;
beforeEach(async () => {
  bed = await testbed();
  await bed.start(namespaceDefaultsController(bed.context, CA), serviceAccountTokenController(bed.context, CA));
  await bed.client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' }, spec: {} });
  await bed.clock.advance(1000);
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const inShop = { namespace: 'shop' };
const accounts = () => bed.client.objects(ServiceAccounts).filter((a) => a.metadata.namespace === 'shop');
const published = () => bed.client.objects(ConfigMaps).find((c) => c.metadata.namespace === 'shop' && c.metadata.name === 'kube-root-ca.crt');
const secrets = () => bed.client.objects(Secrets).map((s) => s.metadata.name);
const text = (name: string, key: string) => Buffer.from(bed.client.objects(Secrets).find((s) => s.metadata.name === name)?.data?.[key] ?? '', 'base64').toString();
const account = (name: string) => bed.client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, ...inShop } });
const secret = async (name: string, of: string, more: { uid?: string; type?: string } = {}) => {
  const annotations = { 'kubernetes.io/service-account.name': of, ...(more.uid && { 'kubernetes.io/service-account.uid': more.uid }) };
  await bed.client.create(Secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name, ...inShop, annotations }, type: more.type ?? 'kubernetes.io/service-account-token' });
  await bed.clock.advance(1000);
};

test('a namespace has its default account and the cluster\'s certificate, again when they are deleted', async () => {
  expect(accounts().map((a) => a.metadata.name)).toEqual(['default']);
  expect(published()?.data).toEqual({ 'ca.crt': CA });
  const uid = accounts()[0]?.metadata.uid;
  await bed.client.delete(ServiceAccounts, 'default', inShop);
  await bed.client.delete(ConfigMaps, 'kube-root-ca.crt', inShop);
  await bed.clock.advance(1000);
  expect(accounts().map((a) => a.metadata.name)).toEqual(['default']);
  expect(accounts()[0]?.metadata.uid).not.toBe(uid);
  expect(published()?.data).toEqual({ 'ca.crt': CA });
});

test('what somebody writes into the certificate\'s ConfigMap does not stay', async () => {
  for (const data of [{ 'ca.crt': 'forged' }, { more: 'x' }]) {
    await bed.client.patch(ConfigMaps, 'kube-root-ca.crt', { type: 'merge', body: { data } }, inShop);
    await bed.clock.advance(1000);
    expect(published()?.data).toEqual({ 'ca.crt': CA });
  }
});

test('nothing comes back while the namespace ends', async () => {
  await bed.client.delete(Namespaces, 'shop');
  await bed.client.delete(ServiceAccounts, 'default', inShop);
  await bed.client.delete(ConfigMaps, 'kube-root-ca.crt', inShop);
  await bed.clock.advance(60_000);
  expect([accounts(), published()]).toEqual([[], undefined]);
});

test('a token Secret is filled, keeps its token, and goes with its account', async () => {
  const robot = await account('robot');
  await secret('robot-token', 'robot');
  expect([text('robot-token', 'namespace'), text('robot-token', 'ca.crt')]).toEqual(['shop', CA]);
  const token = text('robot-token', 'token');
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<string, Record<string, unknown>>;
  expect(claims).toMatchObject({ sub: 'system:serviceaccount:shop:robot', 'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'robot', uid: robot.metadata.uid }, secret: { name: 'robot-token' } } });
  expect(bed.client.objects(Secrets)[0]?.metadata.annotations?.['kubernetes.io/service-account.uid']).toBe(robot.metadata.uid);
  await bed.client.patch(Secrets, 'robot-token', { type: 'merge', body: { data: { 'ca.crt': null } } }, inShop);
  await bed.clock.advance(1000);
  expect([text('robot-token', 'ca.crt'), text('robot-token', 'token')]).toEqual([CA, token]);
  await bed.client.delete(ServiceAccounts, 'robot', inShop);
  await bed.clock.advance(1000);
  expect(secrets()).toEqual([]);
});

test('a token Secret of no account, or of one that had the name before, goes; other Secrets are nobody\'s business', async () => {
  await account('robot');
  await secret('ghosts', 'ghost');
  await secret('old', 'robot', { uid: 'before' });
  await secret('plain', 'ghost', { type: 'Opaque' });
  await secret('good', 'robot');
  expect(secrets()).toEqual(['good', 'plain']);
  expect(text('plain', 'token')).toBe('');
});
