import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, createHash, type KeyObject } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { isObject } from '../../api/json.ts';
import type { Store } from '../../store/store.ts';
import { serviceAccountUser, type UserInfo } from '../user.ts';

/** Who signs, as in upstream's default; also the audience that the API itself accepts. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** What a token is about besides its service account: it lives no longer than this object. */
export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

export interface TokenRequestClaims {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly bound?: BoundObject;
  /** The node of a bound pod. */
  readonly node?: { readonly name: string; readonly uid: string };
}

/** Signs and checks the tokens of service accounts: JWTs (ES256) that are bound and expire. */
export interface TokenAuthority {
  issue(request: TokenRequestClaims): string;
  /** The user and the audiences of a token that holds now; undefined when it does not, a text when we can say why. */
  check(token: string): { readonly user: UserInfo; readonly audiences: readonly string[] } | string | undefined;
  /** The JSON Web Key Set of the public key. */
  jwks(): object;
}

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly exp: number;
  readonly nbf: number;
  readonly jti: string;
  readonly 'kubernetes.io': {
    readonly namespace: string;
    readonly serviceaccount: Named;
    readonly pod?: Named;
    readonly secret?: Named;
    readonly node?: Named;
  };
}

interface Named {
  readonly name: string;
  readonly uid: string;
}

const MAX_TOKEN = 16 * 1024;
const CACHE = 1_000;

/** `key`: an EC P-256 private key in PEM; a fresh one when absent. */
export function tokenAuthority(options: { readonly key?: string; readonly clock: Clock; readonly random: Random; readonly store: Store }): TokenAuthority {
  const { clock, random, store } = options;
  const key = options.key === undefined ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : createPrivateKey(options.key);
  const publicKey = createPublicKey(key);
  const kid = keyId(publicKey);
  // A signature is checked once; that the objects are still there, each time.
  const verified = new Map<string, Claims>();

  const read = (token: string): Claims | undefined => {
    const known = verified.get(token);
    if (known) return known;
    const claims = verifyToken(token, publicKey);
    if (!claims) return undefined;
    if (verified.size >= CACHE) verified.delete(verified.keys().next().value!);
    verified.set(token, claims);
    return claims;
  };
  const stands = (plural: string, namespace: string, named: Named) => store.get(`${plural}/${namespace}/${named.name}`)?.object.metadata.uid === named.uid;

  return {
    issue(request) {
      const now = Math.floor(clock.now() / 1000);
      const bound = request.bound && { [request.bound.kind.toLowerCase()]: { name: request.bound.name, uid: request.bound.uid } };
      const claims = {
        aud: request.audiences, exp: now + request.expirationSeconds, iat: now, iss: ISSUER, jti: random.uuid(),
        'kubernetes.io': { namespace: request.namespace, ...(request.node && { node: request.node }), ...bound, serviceaccount: { name: request.name, uid: request.uid } },
        nbf: now, sub: `system:serviceaccount:${request.namespace}:${request.name}`,
      };
      const head = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`;
      return `${head}.${sign('sha256', Buffer.from(head), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
    },
    check(token) {
      if (token.length > MAX_TOKEN) return undefined;
      const claims = read(token);
      if (!claims) return undefined;
      const now = clock.now() / 1000;
      const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io'];
      if (now >= claims.exp) return 'service account token has expired';
      if (now < claims.nbf) return 'service account token is not valid yet';
      if (!stands('serviceaccounts', namespace, serviceaccount)) return 'service account token has been invalidated';
      if (pod && !stands('pods', namespace, pod)) return 'service account token has been invalidated';
      if (secret && !stands('secrets', namespace, secret)) return 'service account token has been invalidated';
      const prefix = 'authentication.kubernetes.io';
      const user = serviceAccountUser(namespace, serviceaccount.name, serviceaccount.uid, {
        [`${prefix}/credential-id`]: [`JTI=${claims.jti}`],
        ...(node && { [`${prefix}/node-name`]: [node.name], [`${prefix}/node-uid`]: [node.uid] }),
        ...(pod && { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
      });
      return { user, audiences: claims.aud };
    },
    jwks: () => ({ keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid }] }),
  };
}

function verifyToken(token: string, publicKey: KeyObject): Claims | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const header = decode(parts[0]!);
  if (header?.['alg'] !== 'ES256') return undefined;
  const valid = verify('sha256', Buffer.from(`${parts[0]}.${parts[1]}`), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(parts[2]!, 'base64url'));
  const claims = valid ? decode(parts[1]!) : undefined;
  return claims?.['iss'] === ISSUER ? (claims as unknown as Claims) : undefined;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Upstream's key id: the hash of the public key's DER. */
function keyId(publicKey: KeyObject): string {
  return createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' })).digest('base64url');
}
