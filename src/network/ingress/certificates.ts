import { createSecureContext, type SecureContext } from 'node:tls';
import type { Secret } from '../../api/types/core.v1.ts';

/** A name and the Secret that certifies it. */
export interface TlsName {
  /** '' = every name of the route that asks for it; `*.` for one label. */
  readonly host: string;
  readonly namespace: string;
  readonly secret: string;
}

/** Certificates that routes ask for, read from Secrets. */
export interface CertificateStore {
  set(names: readonly TlsName[]): void;
  find(name: string): SecureContext | undefined;
  /** Why a Secret certifies nobody, as it is now; undefined when it does. */
  problemOf(namespace: string, secret: string): string | undefined;
  /** Reads Secrets anew. `problem`: why a Secret cannot be used. */
  problems(): readonly { readonly name: TlsName; readonly problem: string }[];
}

/** `secret` gives the Secret as it is now. */
export function certificateStore(secret: (namespace: string, name: string) => Secret | undefined): CertificateStore {
  let contexts = new Map<string, SecureContext>();
  let failed: { name: TlsName; problem: string }[] = [];
  // A context is kept while its Secret stays as it is: making one costs a millisecond.
  let cache = new Map<string, { version: string; context: SecureContext }>();
  const contextOf = (name: Omit<TlsName, 'host'>): SecureContext | string => {
    const found = secret(name.namespace, name.secret);
    if (!found) return `secret "${name.namespace}/${name.secret}" not found`;
    const key = `${name.namespace}/${name.secret}`;
    const version = found.metadata.resourceVersion ?? '';
    const cached = cache.get(key);
    if (cached && cached.version === version) return cached.context;
    const cert = found.data?.['tls.crt'];
    const privateKey = found.data?.['tls.key'];
    if (cert === undefined || privateKey === undefined) return `secret "${key}" has no tls.crt and tls.key`;
    try {
      const context = createSecureContext({ cert: Buffer.from(cert, 'base64'), key: Buffer.from(privateKey, 'base64') });
      cache.set(key, { version, context });
      return context;
    } catch (error) {
      return `secret "${key}" holds no usable certificate: ${error instanceof Error ? error.message : String(error)}`;
    }
  };
  return {
    problemOf(namespace, name) {
      const context = contextOf({ namespace, secret: name });
      return typeof context === 'string' ? context : undefined;
    },
    set(names) {
      const next = new Map<string, SecureContext>();
      failed = [];
      const wanted = new Set(names.map((n) => `${n.namespace}/${n.secret}`));
      cache = new Map([...cache].filter(([key]) => wanted.has(key)));
      for (const name of names) {
        const context = contextOf(name);
        if (typeof context === 'string') failed.push({ name, problem: context });
        else if (!next.has(name.host)) next.set(name.host, context);
      }
      contexts = next;
    },
    find: (name) => contexts.get(name) ?? contexts.get(`*${name.slice(name.indexOf('.'))}`) ?? contexts.get(''),
    problems: () => failed,
  };
}
