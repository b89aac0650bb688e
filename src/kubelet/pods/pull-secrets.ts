/** Registry credentials out of imagePullSecrets (pkg/credentialprovider). */
import type { Secret } from '../../api/types/core.v1.ts';
import { parseReference } from '../../base/image-reference.ts';
import type { RegistryAuth } from '../types.ts';

/** All credentials among the secrets that fit the image's registry, in the order they are to be tried: those for a longer path first (BasicDockerKeyring.Lookup). */
export function authsFor(image: string, secrets: readonly Secret[]): RegistryAuth[] {
  let name: string;
  try {
    ({ name } = parseReference(image));
  } catch {
    return [];
  }
  return secrets
    .flatMap((secret) => Object.entries(auths(secret)).map(([place, entry]) => ({ place: normalize(place), entry })))
    .filter(({ place }) => fits(place, name))
    .sort((a, b) => (a.place < b.place ? 1 : a.place > b.place ? -1 : 0))
    .map(({ entry }) => credentials(entry));
}

type AuthEntry = Readonly<Record<string, unknown>>;

function auths(secret: Secret): Readonly<Record<string, AuthEntry>> {
  const text = secret.data?.['.dockerconfigjson'] ?? secret.data?.['.dockercfg'];
  if (text === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    const found = secret.data?.['.dockerconfigjson'] === undefined ? parsed : (parsed as { auths?: unknown } | null)?.auths;
    return found !== null && typeof found === 'object' ? (found as Record<string, AuthEntry>) : {};
  } catch {
    return {};
  }
}

/** `https://r.io/v1/` is r.io; Docker Hub has several names. */
function normalize(place: string): string {
  const bare = place.replace(/^https?:\/\//, '').replace(/^([^/]+)\/v[12](?=\/|$)/, '$1').replace(/\/$/, '');
  return bare.replace(/^(index\.|registry-1\.)docker\.io(?=\/|$)/, 'docker.io');
}

/** Each part of the host may be a pattern (`*.r.io`), and has to fit by itself; the path is a beginning (keyring.go URLsMatch). */
function fits(place: string, name: string): boolean {
  const [host = '', ...path] = place.split('/');
  const [wanted = '', ...rest] = name.split('/');
  const [patterns, parts] = [host.split('.'), wanted.split('.')];
  return patterns.length === parts.length && patterns.every((pattern, i) => like(pattern, parts[i]!)) && rest.join('/').startsWith(path.join('/'));
}

function like(pattern: string, text: string): boolean {
  return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(text);
}

function credentials(entry: AuthEntry): RegistryAuth {
  const text = (field: string) => (typeof entry[field] === 'string' ? entry[field] : undefined);
  const basic = text('auth');
  const [user, ...password] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  return {
    username: text('username') ?? user ?? '',
    password: text('password') ?? password.join(':'),
    ...(text('identitytoken') !== undefined && { identityToken: text('identitytoken')! }),
    ...(text('registrytoken') !== undefined && { registryToken: text('registrytoken')! }),
  };
}
