/** Bound service account tokens, kept until 80 % of their life is over (pkg/kubelet/token/token_manager.go). */
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Pod } from '../../api/types/core.v1.ts';
import type { TokenRequest } from '../../api/types/authentication.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { Client } from '../../client/client.ts';

export interface Tokens {
  /** A token of the pod's service account; `refreshAt` = when it is time for a new one (ms since the epoch). */
  get(pod: Pod, audience: string | undefined, expirationSeconds: number): Promise<{ readonly token: string; readonly refreshAt: number }>;
  forget(podUid: string): void;
}

const MAX_AGE_MS = 24 * 60 * 60 * 1000;
const RETRY_MS = 60_000;

export function tokenSource(client: Client, clock: Clock): Tokens {
  const cache = new Map<string, Map<string, { token: string; refreshAt: number; expiresAt: number }>>();

  const request = async (pod: Pod, audience: string | undefined, expirationSeconds: number) => {
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    const account = pod.spec.serviceAccountName || 'default';
    const body: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name: account, namespace },
      spec: { audiences: audience === undefined ? [] : [audience], expirationSeconds, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } },
    };
    // The subresource takes and gives a TokenRequest where the resource itself holds ServiceAccounts.
    const answer = (await client.create<KubeObject>(ServiceAccounts, body as KubeObject, { namespace, name: account, subresource: 'token' })) as TokenRequest;
    const token = answer.status?.token;
    if (!token) throw new Error(`failed to fetch token: the API gave none for service account ${namespace}/${account}`);
    const now = clock.now();
    const expiresAt = Date.parse(answer.status!.expirationTimestamp);
    const life = expiresAt - now;
    return { token, expiresAt, refreshAt: now + Math.min(life * 0.8, MAX_AGE_MS) };
  };

  return {
    async get(pod, audience, expirationSeconds) {
      const uid = pod.metadata.uid ?? '';
      const own = cache.get(uid) ?? new Map();
      cache.set(uid, own);
      const key = JSON.stringify([audience, expirationSeconds]);
      const known = own.get(key);
      const now = clock.now();
      if (known && now < known.refreshAt) return known;
      try {
        const fresh = await request(pod, audience, expirationSeconds);
        own.set(key, fresh);
        return fresh;
      } catch (error) {
        // An old token that still counts is better than none.
        if (known && now < known.expiresAt) return { token: known.token, refreshAt: now + RETRY_MS };
        throw new Error(`failed to fetch token: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    },
    forget: (uid) => void cache.delete(uid),
  };
}
