import type { Clock } from '../../base/clock.ts';
import { isReason } from '../../api/errors.ts';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import type { ConfigMap } from '../../api/types/core.v1.ts';
import type { Client } from '../../client/client.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../pki.ts';
import type { UserInfo } from '../user.ts';

/** Who this server is to the API servers behind it: a client whose word about its callers they take. */
export interface FrontProxy {
  readonly ca: string;
  readonly client: KeyPair;
}

const NAME = 'front-proxy-client';

/** Makes a CA of its own: whoever it signs may speak for anybody. Its key is thrown away. */
export async function createFrontProxy(clock: Clock): Promise<FrontProxy> {
  const ca = await createAuthority('front-proxy-ca', clock);
  return { ca: ca.cert, client: await issueCertificate(ca, { commonName: NAME, organizations: [], usage: 'client' }, clock) };
}

/** The headers that say whose request it is (apiserver pkg/authentication/request/headerrequest). */
export function identityHeaders(user: UserInfo): Record<string, string | string[]> {
  const extra = Object.entries(user.extra ?? {}).map(([key, values]) => [`x-remote-extra-${encodeURIComponent(key)}`, [...values]] as const);
  return { 'x-remote-user': user.name, 'x-remote-group': [...user.groups], ...Object.fromEntries(extra) };
}

/** Tells API servers behind this one whose certificates to believe (pkg/controlplane/controller/clusterauthenticationtrust). */
export async function publishAuthentication(client: Client, clientCa: string, frontProxy: FrontProxy): Promise<void> {
  const data = {
    'client-ca-file': clientCa,
    'requestheader-allowed-names': JSON.stringify([NAME]),
    'requestheader-client-ca-file': frontProxy.ca,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  };
  const object: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' }, data };
  try {
    await client.create(ConfigMaps, object);
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error;
    await client.patch(ConfigMaps, object.metadata.name!, { type: 'merge', body: { data } }, { namespace: 'kube-system' });
  }
}
