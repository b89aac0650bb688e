import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { builtinKinds } from '../api/kinds/index.ts';
import type { Kind } from '../api/kind.ts';
import type { Client } from '../client/client.ts';
import type { Store } from '../store/store.ts';
import { builtinAdmission } from './admission/index.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { tokenChecker, type StaticToken } from './authn/authenticate.ts';
import { tokenAuthority } from './authn/tokens.ts';
import { alwaysAllow, type Authorizer } from './authz/attributes.ts';
import { aggregateClusterRoles } from './authz/aggregation.ts';
import { escalationCheck } from './authz/escalation.ts';
import { rbacAuthorizer } from './authz/rbac.ts';
import { ensureNamespaces } from './bootstrap/namespaces.ts';
import { ensureRoles } from './bootstrap/roles.ts';
import { createFront } from './front.ts';
import { healthPages, type HealthCheck } from './http/health.ts';
import { listen, type Listener } from './http/server.ts';
import type { Page } from './http/router.ts';
import { versionPage } from './http/version.ts';
import { inProcessClient } from './inprocess.ts';
import type { Pki } from './pki.ts';
import type { Core } from './registry/core.ts';
import { serviceAddresses, type ServiceRanges } from './registry/service-addresses.ts';
import { createScheme, type Scheme } from './scheme.ts';
import type { NodeStreams } from './streams.ts';
import { loopback, type UserInfo } from './user.ts';

export { builtinAdmission } from './admission/index.ts';
export type { AdmissionPlugin, AdmissionRequest } from './admission/plugin.ts';
export type { NodeStreams, LogOptions, StreamRequest, ProxyRequest, ProxyAnswer } from './streams.ts';
export { parseTokenFile, type StaticToken } from './authn/authenticate.ts';
export type { Pki, KeyPair } from './pki.ts';
export type { UserInfo } from './user.ts';
export type { HealthCheck } from './http/health.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: all built-in kinds. */
  readonly kinds?: readonly Kind[];
  /** Rules about writes, in order. Default: `builtinAdmission`. */
  readonly admission?: readonly AdmissionPlugin[];
  /** Default rbac. */
  readonly authorization?: 'rbac' | 'always-allow';
  readonly nodes?: NodeStreams;
  readonly healthChecks?: readonly HealthCheck[];
  /** Where Services get their addresses from; without it they get none. */
  readonly services?: ServiceRanges;
  /** Bearer tokens that never expire. */
  readonly tokens?: readonly StaticToken[];
  /** Told about defects: whatever was thrown that is no StatusError. Default: stderr. */
  readonly report?: (error: unknown) => void;
  /** Needed to listen; see `createPki`. Without it service accounts' tokens are signed with a key of this process. */
  readonly pki?: Pki;
}

/** The Kubernetes API in front of a store. */
export interface ApiServer {
  /** The API without HTTP, as a user; without one as the server itself, which may do everything. */
  client(user?: UserInfo): Client;
  /** Serves HTTPS. Rejects when the port cannot be had. */
  listen(options: { readonly host: string; readonly port: number }): Promise<{ readonly url: string; readonly port: number }>;
  /** What is served; custom resources are installed into it. */
  readonly scheme: Scheme;
  /** Stops serving and ends all watches. The store stays open: it is not ours. */
  close(): Promise<void>;
}

/** Makes the server and what every cluster has from the start (system namespaces). */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, random } = options;
  const scheme = createScheme(options.kinds ?? builtinKinds);
  const report = options.report ?? ((error: unknown) => console.error(error));
  const authorizer: Authorizer = options.authorization === 'always-allow' ? alwaysAllow : rbacAuthorizer(store);
  const tokens = tokenAuthority({ clock, random, store, ...(options.pki && { key: options.pki.serviceAccountKey }) });
  const core: Core = {
    store, clock, random, scheme,
    admission: [...(options.admission ?? builtinAdmission(store, clock, random)), escalationCheck(store, authorizer)],
    access: { authorizer, tokens, authenticateToken: tokenChecker(tokens, options.tokens ?? []) },
    hooks: options.services ? [serviceAddresses(store, random, options.services)] : [],
    client: () => self,
  };
  let address = '127.0.0.1:6443';
  const checks: HealthCheck[] = [{ name: 'ping', check: () => undefined }, ...(options.healthChecks ?? [])];
  const pages: Page[] = [healthPages(checks), versionPage];
  const front = createFront({ core, report, router: { pages, address: () => address } });
  const client = (user: UserInfo) => inProcessClient({ core, user, authorize: front.authorize, raw: front.raw });
  const self = client(loopback);
  const listeners: Listener[] = [];
  await ensureNamespaces(self);
  const aggregation = aggregateClusterRoles(store, self, report);
  if (options.authorization !== 'always-allow') await ensureRoles(self);
  await aggregation.settle();

  return {
    scheme,
    client: (user) => (user ? client(user) : self),
    async listen({ host, port }) {
      if (!options.pki) throw new Error('createApiServer needs `pki` to listen');
      const listener = await listen({ host, port, pki: options.pki, answer: front.answer, upgrade: front.upgrade });
      listeners.push(listener);
      address = `${host}:${listener.port}`;
      return { url: `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}`, port: listener.port };
    },
    async close() {
      aggregation.stop();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
