import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import type { Clock } from '../base/clock.ts';

/** The cluster's keys, all PEM: they may be kept in files and given back. */
export interface Pki {
  /** Signs client and serving certificates. */
  readonly ca: KeyPair;
  readonly serving: KeyPair;
  /** Signs service accounts' tokens: an EC P-256 private key. */
  readonly serviceAccountKey: string;
}

export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 365;
/** Clocks differ a little (pkg/controller/certificates/signer). */
const BACKDATE_MS = 5 * 60_000;


const crypto = webcrypto;
x509.cryptoProvider.set(crypto);

/** Makes a CA, a serving certificate for `hosts` (names and IP addresses) and a key for tokens. */
export async function createPki(options: { readonly clock: Clock; readonly hosts: readonly string[]; readonly name?: string }): Promise<Pki> {
  const { clock } = options;
  const [caKeys, tokenKeys] = await Promise.all([generate(), generate()]);
  const now = clock.now();
  const caCert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${options.name ?? 'coracle-ca'}@${Math.floor(now / 1000)}`,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + CA_DAYS * DAY),
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const ca: KeyPair = { cert: caCert.toString('pem'), key: await exportKey(caKeys.privateKey) };
  const serving = await issueCertificate(ca, { commonName: 'kube-apiserver', organizations: [], hosts: options.hosts, usage: 'server' }, clock);
  return { ca, serving, serviceAccountKey: await exportKey(tokenKeys.privateKey) };
}

export interface CertificateRequest {
  /** The user's name. */
  readonly commonName: string;
  /** The user's groups. */
  readonly organizations: readonly string[];
  readonly hosts?: readonly string[];
  readonly usage: 'client' | 'server';
  readonly days?: number;
}

/** Makes a key and a certificate for it, signed by the CA. */
export async function issueCertificate(ca: KeyPair, request: CertificateRequest, clock: Clock): Promise<KeyPair> {
  const keys = await generate();
  const issuer = new x509.X509Certificate(ca.cert);
  const signingKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(ca.key), ALGORITHM, false, ['sign']);
  const now = clock.now();
  const hosts = request.hosts ?? [];
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [...request.organizations.map((name) => ({ O: [name] })), { CN: [request.commonName] }],
    issuer: issuer.subject,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + (request.days ?? LEAF_DAYS) * DAY),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension([request.usage === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth]),
      ...(hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map((host) => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host })))] : []),
    ],
  });
  return { cert: cert.toString('pem'), key: await exportKey(keys.privateKey) };
}

/** A certificate to be made for somebody else's key. */
export interface SigningRequest {
  /** PKCS#10, PEM. Its subject and its alternative names are taken over. */
  readonly request: string;
  /** Key usages in the words of certificates.k8s.io (`client auth`, `digital signature` …). */
  readonly usages: readonly string[];
  readonly seconds: number;
}

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

const KEY_USAGES: Readonly<Record<string, x509.KeyUsageFlags>> = {
  'digital signature': x509.KeyUsageFlags.digitalSignature,
  'content commitment': x509.KeyUsageFlags.nonRepudiation,
  'key encipherment': x509.KeyUsageFlags.keyEncipherment,
  'key agreement': x509.KeyUsageFlags.keyAgreement,
  'data encipherment': x509.KeyUsageFlags.dataEncipherment,
};

const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  'client auth': x509.ExtendedKeyUsage.clientAuth,
  'server auth': x509.ExtendedKeyUsage.serverAuth,
  'code signing': x509.ExtendedKeyUsage.codeSigning,
};

/** The certificate for a request, PEM. Throws when the request is not one, or is not signed by its own key. */
export async function signCertificate(ca: KeyPair, { request, usages, seconds }: SigningRequest, clock: Clock): Promise<string> {
  const asked = new x509.Pkcs10CertificateRequest(request);
  if (!(await asked.verify())) throw new Error('the request is not signed by its key');
  const signingKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(ca.key), ALGORITHM, false, ['sign']);
  const names = asked.getExtension(SUBJECT_ALTERNATIVE_NAME);
  const flags = usages.reduce((sum, usage) => sum | (KEY_USAGES[usage] ?? 0), 0);
  const extended = usages.flatMap((usage) => EXTENDED_USAGES[usage] ?? []);
  const now = clock.now();
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: asked.subjectName.toJSON(),
    issuer: new x509.X509Certificate(ca.cert).subject,
    notBefore: new Date(now - BACKDATE_MS),
    notAfter: new Date(now - BACKDATE_MS + seconds * 1000),
    publicKey: asked.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(flags ? [new x509.KeyUsagesExtension(flags, true)] : []),
      ...(extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []),
      ...(names ? [names] : []),
    ],
  });
  return cert.toString('pem');
}

function generate(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** 16 random bytes, the first bit clear: a positive number in DER. */
function serial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}
