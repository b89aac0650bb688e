/** Registry credentials out of imagePullSecrets (pkg/credentialprovider). */
import type { Secret } from '../../api/types/core.v1.ts';
import type { RegistryAuth } from '../types.ts';

/** The registry an image comes from; Docker Hub when it names none. */
export function registryOf(image: string): string {
  const first = image.split('/')[0]!;
  const named = image.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  return named ? first : 'index.docker.io';
}

/** The first credentials among the secrets that fit the image's registry. */
export function authFor(image: string, secrets: readonly Secret[]): RegistryAuth | undefined {
  const registry = registryOf(image);
  for (const secret of secrets) {
    for (const [host, entry] of Object.entries(auths(secret))) {
      if (hostMatches(host, registry, image)) return credentials(entry);
    }
  }
  return undefined;
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

function hostMatches(entry: string, registry: string, image: string): boolean {
  const bare = entry.replace(/^https?:\/\//, '').replace(/\/v[12]\/?$/, '').replace(/\/$/, '');
  const [host = '', ...path] = bare.split('/');
  const hub = registry === 'index.docker.io' && /^(index\.|registry-1\.)?docker\.io$/.test(host);
  const hostFits = hub || host === registry || (host.startsWith('*.') && registry.endsWith(host.slice(1)));
  return hostFits && (path.length === 0 || image.startsWith(`${registry}/${path.join('/')}`));
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
