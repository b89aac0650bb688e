import { join } from 'node:path';
import { createPki, endOf, issueCertificate, type KeyPair, type Pki } from '../apiserver/pki.ts';
import type { Clock } from '../base/clock.ts';
import { readKept, writeKept } from './kept.ts';

/** The cluster's keys and its administrator's. */
export interface Identity {
  readonly pki: Pki;
  readonly admin: KeyPair;
}

interface Kept extends Identity {
  /** What the serving certificate is for. */
  readonly hosts: readonly string[];
}

/** A start this long before a certificate ends makes a new one; between starts a cluster may run for months. */
const RENEW_MS = 180 * 86_400_000;

/** Makes the keys, or reads them back from `directory`, so that kubeconfigs and tokens outlive a restart. Certificates that end soon, or lack a host, are made anew under the same CA. */
export async function loadIdentity(directory: string | undefined, hosts: readonly string[], clock: Clock): Promise<Identity> {
  const file = directory === undefined ? undefined : join(directory, 'pki.json');
  const known = file === undefined ? undefined : readKept<Kept>(file, 'the cluster then gets new keys, and kubeconfigs and tokens of before no longer work');
  const next = known ? await renewed(known, hosts, clock) : await made(hosts, clock);
  if (file !== undefined && next !== known) writeKept(file, next);
  return next;
}

async function made(hosts: readonly string[], clock: Clock): Promise<Kept> {
  const pki = await createPki({ clock, hosts, name: 'coracle' });
  return { pki, admin: await issueAdmin(pki.ca, clock), hosts };
}

async function renewed(known: Kept, hosts: readonly string[], clock: Clock): Promise<Kept> {
  const ends = (pair: KeyPair) => endOf(pair.cert) - clock.now() < RENEW_MS;
  const serving = ends(known.pki.serving) || !hosts.every((host) => known.hosts.includes(host));
  const admin = ends(known.admin);
  if (!serving && !admin) return known;
  return {
    pki: serving ? { ...known.pki, serving: await issueCertificate(known.pki.ca, { commonName: 'kube-apiserver', organizations: [], hosts, usage: 'server' }, clock) } : known.pki,
    admin: admin ? await issueAdmin(known.pki.ca, clock) : known.admin,
    hosts: serving ? hosts : known.hosts,
  };
}

const issueAdmin = (ca: KeyPair, clock: Clock) => issueCertificate(ca, { commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client' }, clock);
