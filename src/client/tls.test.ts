import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient, type HttpClientConfig } from './http.ts';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

async function authority() {
  x509.cryptoProvider.set(webcrypto as typeof globalThis.crypto);
  const keys = (await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=ca', keys, signingAlgorithm: EC, extensions: [new x509.BasicConstraintsExtension(true)] });
  const issue = async (subject: string, extensions: x509.Extension[] = []): Promise<Pair> => {
    const own = (await webcrypto.subtle.generateKey(EC, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
    const certificate = await x509.X509CertificateGenerator.create({ subject, issuer: ca.subject, publicKey: own.publicKey, signingKey: keys.privateKey, signingAlgorithm: EC, extensions });
    const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', own.privateKey), 'PRIVATE KEY');
    return { certificate: certificate.toString('pem'), key };
  };
  return { ca: ca.toString('pem'), issue };
}

describe('httpClient over TLS', () => {
  let base: HttpClientConfig & { readonly ca: string };
  let pki: Awaited<ReturnType<typeof authority>>;
  let server: ReturnType<typeof createServer>;
  beforeAll(async () => {
    pki = await authority();
    const { certificate, key } = await pki.issue('CN=server', [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }, { type: 'dns', value: 'kubernetes' }])]);
    server = createServer({ cert: certificate, key, ca: pki.ca, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const peer = (request.socket as TLSSocket).getPeerCertificate();
      response.end(peer.subject?.CN ?? 'nobody');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: pki.ca };
  });
  afterAll(() => server.close());

  const whoAmI = async (config: HttpClientConfig) => {
    const client = httpClient(config);
    try {
      return (await client.raw({ method: 'GET', path: '/' })).body.toString();
    } finally {
      await client.close();
    }
  };

  it('trusts the authority it was given, and no other', async () => {
    expect(await whoAmI(base)).toBe('nobody');
    await expect(whoAmI({ server: base.server })).rejects.toThrow(/self-signed certificate|unable to (get|verify)/);
    await expect(whoAmI({ ...base, ca: (await authority()).ca })).rejects.toThrow();
    expect(await whoAmI({ server: base.server, insecureSkipTlsVerify: true })).toBe('nobody');
    expect(await whoAmI({ ...base, tlsServerName: 'kubernetes' })).toBe('nobody');
    await expect(whoAmI({ ...base, tlsServerName: 'other' })).rejects.toThrow('altnames');
  });

  it('shows its certificate, and a new one once it is renewed', async () => {
    const [jane, joan] = [await pki.issue('CN=jane'), await pki.issue('CN=joan')];
    let pair = jane;
    const client = httpClient({ ...base, credentials: async () => pair });
    const ask = async () => (await client.raw({ method: 'GET', path: '/' })).body.toString();
    expect([await ask(), await ask()]).toEqual(['jane', 'jane']);
    pair = joan;
    expect(await ask()).toBe('joan');
    await client.close();
  });
});
