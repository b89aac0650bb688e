import 'reflect-metadata';
import { X509Certificate, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CertificateSigningRequests } from '../../api/kinds/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequestSpec } from '../../api/types/certificates.v1.ts';
import { createPki, type Pki } from '../../apiserver/pki.ts';
import { rfc3339 } from '../../base/time.ts';
import { certificateSigner } from '../../cluster/certificate-signer.ts';
import { testbed, type Testbed } from '../testbed.suite.ts';
import { certificateRequestCleaner } from './cleaner.ts';
import { certificateSigningController } from './controller.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

let bed: Testbed;
let pki: Pki;
beforeEach(async () => {
  bed = await testbed();
  pki = await createPki({ clock: bed.clock, hosts: ['localhost'] });
  await bed.start(certificateSigningController(bed.context, certificateSigner(pki.ca, bed.clock)), certificateRequestCleaner(bed.context));
});
afterEach(async () => {
  expect(bed.errors).toEqual([]);
  await bed.stop();
});

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const request = async (name: string, subject: string, spec: Partial<CertificateSigningRequestSpec> = {}) => {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({ name: subject, keys, signingAlgorithm: ALGORITHM });
  await bed.client.create(CertificateSigningRequests, {
    apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name },
    spec: { request: Buffer.from(csr.toString('pem')).toString('base64'), signerName: CLIENT, usages: ['client auth'], ...spec },
  });
};
const current = (name: string) => bed.client.objects(CertificateSigningRequests).find((r) => r.metadata.name === name);
const answer = async (name: string, type: 'Approved' | 'Denied') => {
  const now = current(name)!;
  const condition = { type, status: 'True', reason: 'ByHand', message: 'so be it', lastUpdateTime: rfc3339(bed.clock.now()), lastTransitionTime: rfc3339(bed.clock.now()) };
  await bed.client.update(CertificateSigningRequests, { ...now, status: { ...now.status, conditions: [condition] } }, { subresource: 'approval' });
};
const done = (name: string) => current(name)?.status?.certificate !== undefined || current(name)?.status?.conditions?.some((c) => c.type === 'Failed');
/** Signing is the machine's work, not the clock's. */
const until = async (condition: () => unknown) => {
  for (let turn = 0; turn < 2000 && !condition(); turn++) {
    await bed.clock.settle();
    await new Promise(setImmediate);
  }
  expect(condition()).toBeTruthy();
};
const names = () => bed.client.objects(CertificateSigningRequests).map((r) => r.metadata.name).sort();

test('an approved request gets a certificate that the cluster\'s CA vouches for, for as long as was asked', async () => {
  await request('ann', 'CN=ann,O=team', { expirationSeconds: 3600 });
  await bed.clock.advance(60_000);
  expect(current('ann')?.status?.certificate).toBeUndefined();
  await answer('ann', 'Approved');
  await until(() => done('ann'));
  const certificate = new X509Certificate(Buffer.from(current('ann')!.status!.certificate!, 'base64'));
  expect(certificate.subject.split('\n').sort()).toEqual(['CN=ann', 'O=team']);
  expect(certificate.verify(new X509Certificate(pki.ca.cert).publicKey)).toBe(true);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(Date.parse(certificate.validTo)).toBeLessThanOrEqual(bed.clock.now() + 3_600_000);
});

test('what its signer does not sign fails, and says why', async () => {
  await request('server', 'CN=ann', { usages: ['client auth', 'server auth'] });
  await request('kubelet', 'CN=ann,O=system:nodes', { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['client auth', 'digital signature'] });
  for (const name of ['server', 'kubelet']) await answer(name, 'Approved');
  await until(() => done('server') && done('kubelet'));
  const failure = (name: string) => current(name)?.status?.conditions?.find((c) => c.type === 'Failed');
  expect(failure('server')).toMatchObject({ status: 'True', reason: 'SignerValidationFailure', message: 'invalid usage for client certificate: server auth' });
  expect(failure('kubelet')?.message).toBe('subject common name does not begin with system:node:');
  expect(current('server')?.status?.certificate).toBeUndefined();
});

test('denied requests, and those of other signers, are left alone', async () => {
  await request('denied', 'CN=eve');
  await request('theirs', 'CN=ann', { signerName: 'example.com/own' });
  await answer('denied', 'Denied');
  await answer('theirs', 'Approved');
  await bed.clock.advance(60_000);
  expect([current('denied')?.status?.certificate, current('theirs')?.status?.certificate]).toEqual([undefined, undefined]);
});

test('requests that are done with go: an hour after the answer, a day without one, or when the certificate ends', async () => {
  for (const name of ['issued', 'brief', 'denied', 'pending', 'approved']) await request(name, 'CN=ann', name === 'brief' ? { expirationSeconds: 600 } : name === 'approved' ? { signerName: 'example.com/own' } : {});
  for (const name of ['issued', 'brief', 'approved']) await answer(name, 'Approved');
  await answer('denied', 'Denied');
  await until(() => done('issued') && done('brief'));
  await bed.clock.advance(590_000);
  expect(names()).toEqual(['approved', 'brief', 'denied', 'issued', 'pending']);
  await bed.clock.advance(20_000);
  expect(names()).toEqual(['approved', 'denied', 'issued', 'pending']);
  await bed.clock.advance(3_000_000);
  expect(names()).toEqual(['approved', 'pending']);
  await bed.clock.advance(83_000_000);
  expect(names()).toEqual(['approved']);
});
