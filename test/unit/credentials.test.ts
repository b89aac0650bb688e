import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateSigningRequests } from '../../src/api/kinds/certificates/certificate-signing-request.ts';
import { Secrets } from '../../src/api/kinds/core/secret.ts';
import { ServiceAccounts } from '../../src/api/kinds/core/service-account.ts';
import type { CertificateSigningRequest } from '../../src/api/types/certificates.v1.ts';
import type { SelfSubjectReview } from '../../src/api/types/authentication.v1.ts';
import { createApiServer, type ApiServer } from '../../src/apiserver/index.ts';
import { createPki, type Pki } from '../../src/apiserver/pki.ts';
import { realClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { httpClient, type HttpClientConfig } from '../../src/client/http.ts';
import { createRecorder, informerFactory, type Component } from '../../src/client/index.ts';
import { certificateSigner } from '../../src/cluster/certificate-signer.ts';
import { certificateSigningController } from '../../src/controllers/certificates/controller.ts';
import { serviceAccountTokenController } from '../../src/controllers/tokens/controller.ts';
import { memoryStore } from '../../src/store/index.ts';

const clock = realClock();
const random = seededRandom(1);
let pki: Pki;
let server: ApiServer;
let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  pki = await createPki({ clock, hosts: ['127.0.0.1'] });
  server = await createApiServer({ store: memoryStore(), clock, random, pki });
  ({ url } = await server.listen({ host: '127.0.0.1', port: 0 }));
  const client = server.client();
  const informers = informerFactory(client, clock, random);
  const context = { client, clock, random, informers, events: (component: string) => createRecorder(client, clock, random, component), options: {} };
  const components: Component[] = [certificateSigningController(context, certificateSigner(pki.ca, clock)), serviceAccountTokenController(context, pki.ca.cert)];
  await Promise.all(components.map((component) => component.start()));
  stop = async () => {
    await Promise.all(components.map((component) => component.stop()));
    informers.stop();
    await server.close();
  };
});
afterAll(() => stop());

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

async function request(name: string): Promise<{ pem: string; key: string }> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: ALGORITHM });
  return { pem: csr.toString('pem'), key: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') };
}

const signingRequest = (name: string, pem: string, more: Partial<CertificateSigningRequest['spec']> = {}): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name },
  spec: { request: Buffer.from(pem).toString('base64'), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], ...more },
});

async function approve(name: string): Promise<void> {
  const client = server.client();
  const found = await client.get(CertificateSigningRequests, name);
  const conditions = [{ type: 'Approved', status: 'True', reason: 'KubectlApprove', message: 'This CSR was approved by kubectl certificate approve.' }];
  await client.update(CertificateSigningRequests, { ...found, status: { ...found.status, conditions } }, { subresource: 'approval' });
}

/** Who the server takes the holder of these credentials for. */
async function whoAmI(credentials: Awaited<ReturnType<NonNullable<HttpClientConfig['credentials']>>>) {
  const client = httpClient({ server: url, ca: pki.ca.cert, credentials: async () => credentials });
  try {
    const answer = await client.raw({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', headers: { 'content-type': 'application/json' }, body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' });
    expect(answer.status, answer.body.toString()).toBe(201);
    return (JSON.parse(answer.body.toString()) as SelfSubjectReview).status?.userInfo;
  } finally {
    await client.close();
  }
}

test('an approved signing request gets a certificate that its key can log in with', async () => {
  const client = server.client();
  const { pem, key } = await request('CN=jane, O=developers');
  await client.create(CertificateSigningRequests, signingRequest('jane', pem, { expirationSeconds: 3600 }));
  await approve('jane');
  await expect.poll(async () => (await client.get(CertificateSigningRequests, 'jane')).status?.certificate).toBeTruthy();
  const certificate = Buffer.from((await client.get(CertificateSigningRequests, 'jane')).status!.certificate!, 'base64').toString();
  expect(await whoAmI({ certificate, key })).toMatchObject({ username: 'jane', groups: ['developers', 'system:authenticated'] });
  const { notBefore, notAfter } = new x509.X509Certificate(certificate);
  expect(notAfter.getTime() - notBefore.getTime()).toBe(3_900_000);
});

test('a request that its signer does not sign fails, and says why', async () => {
  const client = server.client();
  const { pem } = await request('CN=system:node:a, O=somebody');
  await client.create(CertificateSigningRequests, signingRequest('node', pem, { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] }));
  await approve('node');
  await expect.poll(async () => (await client.get(CertificateSigningRequests, 'node')).status?.conditions?.find(({ type }) => type === 'Failed')).toMatchObject({
    status: 'True', reason: 'SignerValidationFailure', message: 'subject organization is not system:nodes',
  });
});

test('nobody asks to be a master', async () => {
  const { pem } = await request('CN=eve, O=system:masters');
  await expect(server.client().create(CertificateSigningRequests, signingRequest('eve', pem))).rejects.toMatchObject({
    code: 403, message: expect.stringContaining('use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed') as string,
  });
});

test('a token Secret is filled with a token that works until the account goes, and goes with it', async () => {
  const client = server.client();
  const where = { namespace: 'default' };
  await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', ...where } });
  await client.create(Secrets, { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/service-account-token', metadata: { name: 'robot', ...where, annotations: { 'kubernetes.io/service-account.name': 'robot' } } });
  await expect.poll(async () => (await client.get(Secrets, 'robot', where)).data?.['token']).toBeTruthy();
  const { data, metadata } = await client.get(Secrets, 'robot', where);
  expect(metadata.annotations?.['kubernetes.io/service-account.uid']).toBeTruthy();
  expect(Buffer.from(data!['ca.crt']!, 'base64').toString()).toBe(pki.ca.cert);
  expect(Buffer.from(data!['namespace']!, 'base64').toString()).toBe('default');
  const authorization = `Bearer ${Buffer.from(data!['token']!, 'base64').toString()}`;
  expect(await whoAmI({ authorization })).toMatchObject({ username: 'system:serviceaccount:default:robot' });
  await client.delete(ServiceAccounts, 'robot', where);
  await expect.poll(() => client.get(Secrets, 'robot', where).then(() => 'there', (error: { reason?: string }) => error.reason)).toBe('NotFound');
});
