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


const crypto = webcrypto;
x509.cryptoProvider.set(crypto);

/** Makes a CA, a serving certificate for `hosts` (names and IP addresses) and a key for tokens. */
export async function createPki(options: { readonly clock: Clock; readonly hosts: readonly string[]; readonly name?: string }): Promise<Pki> {
  const { clock } = options;
  const [ca, tokenKeys] = await Promise.all([createAuthority(options.name ?? 'coracle-ca', clock), generate()]);
  const serving = await issueCertificate(ca, { commonName: 'kube-apiserver', organizations: [], hosts: options.hosts, usage: 'server' }, clock);
  return { ca, serving, serviceAccountKey: await exportKey(tokenKeys.privateKey) };
}

/** Makes a key that signs certificates. */
export async function createAuthority(name: string, clock: Clock): Promise<KeyPair> {
  const keys = await generate();
  const now = clock.now();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=${name}@${Math.floor(now / 1000)}`,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + CA_DAYS * DAY),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: cert.toString('pem'), key: await exportKey(keys.privateKey) };
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

/** When a certificate ends, in milliseconds since the epoch. */
export function endOf(certificate: string): number {
  return new x509.X509Certificate(certificate).notAfter.getTime();
}

/** What a signing request asks for. */
export interface RequestedIdentity {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

/** Reads a PEM certificate request. Throws when it is none. */
export function readCertificateRequest(pem: string): RequestedIdentity {
  const request = new x509.Pkcs10CertificateRequest(pem);
  const names = alternativeNames(request)?.names.items ?? [];
  const all = (type: x509.GeneralNameType) => names.filter((name) => name.type === type).map((name) => name.value);
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: all('dns'), ipAddresses: all('ip'), emails: all('email'), uris: all('url'),
  };
}

function alternativeNames(request: x509.Pkcs10CertificateRequest): x509.SubjectAlternativeNameExtension | undefined {
  const found = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
  return found ? new x509.SubjectAlternativeNameExtension(found.rawData) : undefined;
}

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';
const KEY_USAGES = new Map([['digital signature', x509.KeyUsageFlags.digitalSignature], ['key encipherment', x509.KeyUsageFlags.keyEncipherment]]);
const EXTENDED_KEY_USAGES = new Map([['client auth', x509.ExtendedKeyUsage.clientAuth], ['server auth', x509.ExtendedKeyUsage.serverAuth]]);
const MINUTE = 60_000;
const BACKDATE = 5 * MINUTE;
const SHORT = 8 * 60 * MINUTE;

const SUBJECT_ORDER = ['C', 'O', 'OU', 'L', 'ST', '2.5.4.9', '2.5.4.17', 'CN', '2.5.4.5'];

/** A subject as Go's crypto/x509/pkix writes it: the kinds of names it knows, in its order, all of one kind together. */
function inGosOrder(name: x509.Name): x509.JsonName {
  const parts = name.toJSON();
  return SUBJECT_ORDER.map((key) => ({ [key]: parts.flatMap((part) => part[key] ?? []) })).filter((part) => Object.values(part)[0]!.length > 0);
}

/**
 * Signs a PEM certificate request: its key, subject and names, and the usages given (of those that clients and servers have); for at least ten minutes and at most a year
 * (pkg/controller/certificates/authority/policies.go). Rejects when the request cannot be read or is not signed with its own key.
 */
export async function signCertificateRequest(ca: KeyPair, pem: string, grant: { readonly usages: readonly string[]; readonly expirationSeconds?: number | undefined }, clock: Clock): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(pem);
  if (!(await request.verify())) throw new Error('the certificate request is not signed with its own key');
  const unknown = grant.usages.filter((usage) => !KEY_USAGES.has(usage) && !EXTENDED_KEY_USAGES.has(usage));
  if (unknown.length > 0) throw new Error(`unrecognized usage values: ${JSON.stringify(unknown)}`);
  const issuer = new x509.X509Certificate(ca.cert);
  const signingKey = await crypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(ca.key), ALGORITHM, false, ['sign']);
  const longest = LEAF_DAYS * DAY;
  const ttl = grant.expirationSeconds === undefined ? longest : Math.min(longest, Math.max(10 * MINUTE, grant.expirationSeconds * 1000));
  const now = clock.now();
  const until = Math.min(now + (ttl < SHORT ? ttl : ttl - BACKDATE), issuer.notAfter.getTime());
  if (now >= until) throw new Error(`refusing to sign a certificate that expired in the past: NotAfter=${issuer.notAfter.toISOString()}`);
  const names = alternativeNames(request);
  const keyUsages = grant.usages.reduce((flags, usage) => flags | (KEY_USAGES.get(usage) ?? 0), 0);
  const cert = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: inGosOrder(request.subjectName),
    issuer: issuer.subject,
    notBefore: new Date(now - BACKDATE),
    notAfter: new Date(until),
    publicKey: request.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      // An extension without any usage would forbid all of them.
      ...(keyUsages === 0 ? [] : [new x509.KeyUsagesExtension(keyUsages, true)]),
      new x509.ExtendedKeyUsageExtension(grant.usages.flatMap((usage) => EXTENDED_KEY_USAGES.get(usage) ?? [])),
      ...(names ? [names] : []),
    ],
  });
  return `${cert.toString('pem')}\n`;
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
