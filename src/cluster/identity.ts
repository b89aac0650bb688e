import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPki, issueCertificate, type KeyPair, type Pki } from '../apiserver/pki.ts';
import type { Clock } from '../base/clock.ts';

/** The cluster's keys and its administrator's. */
export interface Identity {
  readonly pki: Pki;
  readonly admin: KeyPair;
}

/** Makes the keys, or reads them back from `directory`, so that kubeconfigs and tokens outlive a restart. */
export async function loadIdentity(directory: string | undefined, hosts: readonly string[], clock: Clock): Promise<Identity> {
  const file = directory === undefined ? undefined : join(directory, 'pki.json');
  if (file !== undefined && existsSync(file)) {
    const known = JSON.parse(readFileSync(file, 'utf8')) as Identity & { hosts: readonly string[] };
    if (hosts.every((host) => known.hosts.includes(host))) return known;
    const serving = await issueCertificate(known.pki.ca, { commonName: 'kube-apiserver', organizations: [], hosts, usage: 'server' }, clock);
    return keep(file, { pki: { ...known.pki, serving }, admin: known.admin }, hosts);
  }
  const pki = await createPki({ clock, hosts, name: 'coracle' });
  const admin = await issueCertificate(pki.ca, { commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client' }, clock);
  return keep(file, { pki, admin }, hosts);
}

function keep(file: string | undefined, identity: Identity, hosts: readonly string[]): Identity {
  if (file !== undefined) {
    mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(`${file}.new`, JSON.stringify({ ...identity, hosts }), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return identity;
}
