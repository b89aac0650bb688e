import { expect, test } from 'vitest';
import { decide } from './decide.ts';

const CLIENT = 'kubernetes.io/kube-apiserver-client';
const yes = (type: string) => ({ type, status: 'True' });

test.for([
  ['waits for approval', CLIENT, ['client auth'], [], undefined, { action: 'ignore' }],
  ['signs for a year', CLIENT, ['client auth', 'digital signature'], [yes('Approved')], undefined, { action: 'sign', seconds: 31_536_000 }],
  ['signs for as long as is asked', CLIENT, ['client auth'], [yes('Approved')], 3600, { action: 'sign', seconds: 3600 }],
  ['not for less than ten minutes', CLIENT, ['client auth'], [yes('Approved')], 60, { action: 'sign', seconds: 600 }],
  ['leaves other signers alone', 'example.org/own', ['client auth'], [yes('Approved')], undefined, { action: 'ignore' }],
  ['leaves what has failed', CLIENT, ['client auth'], [yes('Approved'), yes('Failed')], undefined, { action: 'ignore' }],
  ['needs the usage', CLIENT, ['digital signature'], [yes('Approved')], undefined, { action: 'refuse', message: 'missing required usage for client certificate: client auth' }],
  ['refuses other usages', CLIENT, ['client auth', 'server auth'], [yes('Approved')], undefined, { action: 'refuse', message: 'invalid usage for client certificate: server auth' }],
] as const)('%s', ([, signerName, usages, conditions, expirationSeconds, expected]) => {
  const spec = { request: '', signerName, usages: [...usages], ...(expirationSeconds !== undefined && { expirationSeconds }) };
  expect(decide({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'a' }, spec, status: { conditions: [...conditions] } })).toEqual(expected);
});
