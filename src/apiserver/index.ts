import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { builtinKinds } from '../api/kinds/index.ts';
import type { Kind } from '../api/kind.ts';
import type { Client } from '../client/client.ts';
import type { Store } from '../store/store.ts';
import { certificates } from './admission/certificates.ts';
import { builtinAdmission } from './admission/index.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { createFrontProxy, publishAuthentication, type FrontProxy } from './aggregation/front-proxy.ts';
import { createRemoteApis } from './aggregation/index.ts';
import { registerApiServices } from './apiservices/index.ts';
import { tokenChecker, type StaticToken } from './authn/authenticate.ts';
import { tokenAuthority } from './authn/tokens.ts';
import { aggregateClusterRoles } from './authz/aggregation.ts';
import { alwaysAllow, type Authorizer } from './authz/attributes.ts';
import { escalationCheck } from './authz/escalation.ts';
import { rbacAuthorizer } from './authz/rbac.ts';
import { ensureLater } from './bootstrap/later.ts';
import { ensureNamespaces } from './bootstrap/namespaces.ts';
import { ensureServiceCidr } from './bootstrap/service-cidr.ts';
import { ensureRoles } from './bootstrap/roles.ts';
import { serveCustomResources } from './customresources/index.ts';
import { createFront } from './front.ts';
import type { ApiExtension } from './http/extension.ts';
import { healthMetrics, healthPages, type HealthCheck } from './http/health.ts';
import { ownChecks } from './http/own-checks.ts';
import { openApiPages } from './http/openapi.ts';
import { rootPage } from './http/root.ts';
import type { Page } from './http/router.ts';
import { listen, type Listener } from './http/server.ts';
import { versionPage } from './http/version.ts';
import { issuerPages } from './http/wellknown.ts';
import { inProcessClient } from './inprocess.ts';
import { serverMetrics } from './metrics.ts';
import { deleteAll } from './operations.ts';
import { fairQueue } from './overload.ts';
import type { Pki } from './pki.ts';
import type { Core } from './registry/core.ts';
import { createScheme, type Scheme } from './scheme.ts';
import { serviceAllocator, type ServiceRanges } from './services/allocator.ts';
import type { FindNode, ProxyHandler, ProxyUpgrade, StreamUpgrade } from './streams.ts';
import { loopback, type UserInfo } from './user.ts';

export { builtinAdmission } from './admission/index.ts';
export type { AdmissionPlugin, AdmissionRequest } from './admission/plugin.ts';
export { parseTokenFile, type StaticToken } from './authn/authenticate.ts';
export type { ApiExtension, ExtensionRequest } from './http/extension.ts';
export type { HealthCheck } from './http/health.ts';
export type { KeyPair, Pki } from './pki.ts';
export type { Scheme } from './scheme.ts';
export type * from './streams.ts';
export type { UserInfo } from './user.ts';

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
  /** Bearer tokens that never expire. */
  readonly tokens?: readonly StaticToken[];
  /** Needed to listen; see `createPki`. Without it service accounts' tokens are signed with a key of this process. */
  readonly pki?: Pki;
  /** Where Services get their addresses from. Default 10.96.0.0/12. */
  readonly services?: ServiceRanges;
  /** Where pods' logs and streams come from. Without it they are answered with 501. */
  readonly nodes?: FindNode;
  /** Speaks SPDY and WebSocket on upgraded connections. */
  readonly streams?: StreamUpgrade;
  readonly proxy?: ProxyHandler;
  readonly proxyUpgrade?: ProxyUpgrade;
  /** Groups that are computed when they are asked for. */
  readonly extensions?: readonly ApiExtension[];
  /** More for `/metrics`, in Prometheus' text format. */
  readonly moreMetrics?: () => Promise<string>;
  readonly healthChecks?: readonly HealthCheck[];
  /** How many requests run at once over HTTP (default 600), and how many of one user may wait (default 200). */
  readonly overload?: { readonly concurrency: number; readonly queueLength: number };
  /** Told about defects: whatever was thrown that is no StatusError. Default: stderr. */
  readonly report?: (error: unknown) => void;
}

/** The Kubernetes API in front of a store. */
export interface ApiServer {
  /** The API without HTTP, as a user; without one as the server itself, which may do everything. */
  client(user?: UserInfo): Client;
  /** Serves HTTPS; may be called for several addresses. Rejects when the port cannot be had. */
  listen(options: { readonly host: string; readonly port: number }): Promise<{ readonly url: string; readonly port: number }>;
  /** What is served; custom resources come and go with their definitions. */
  readonly scheme: Scheme;
  /** Stops serving and ends all connections. The store stays open: it is not ours. */
  close(): Promise<void>;
}

/** Makes the server, and what every cluster has from the start: system namespaces and default roles. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { store, clock, random, services = { serviceCidr: '10.96.0.0/12' } } = options;
  const scheme = createScheme(options.kinds ?? builtinKinds);
  const report = options.report ?? ((error: unknown) => console.error(error));
  const authorizer: Authorizer = options.authorization === 'always-allow' ? alwaysAllow : rbacAuthorizer(store);
  const tokens = tokenAuthority({ clock, random, store, ...(options.pki && { key: options.pki.serviceAccountKey }) });
  const core: Core = {
    store, clock, random, scheme,
    admission: [...(options.admission ?? builtinAdmission(store, clock, random)), escalationCheck(store, authorizer), certificates(authorizer)],
    hooks: [serviceAllocator(store, random, services)],
    access: { authorizer, tokens, authenticateToken: tokenChecker(tokens, options.tokens ?? []) },
    settled: async ({ kind }) => {
      // A definition's status is written at once.
      if (kind.kind === 'CustomResourceDefinition' && kind.storage.group === 'apiextensions.k8s.io') await customs.settle();
    },
    client: () => self,
  };
  let address = '127.0.0.1:6443';
  const queue = fairQueue(options.overload ?? { concurrency: 600, queueLength: 200 });
  const metrics = serverMetrics({ inflight: () => queue.running, waiting: () => queue.waiting, revision: () => store.revision, more: options.moreMetrics });
  const checks: HealthCheck[] = [...ownChecks(store), ...(options.healthChecks ?? [])];
  const pages: Page[] = [healthPages(checks), healthMetrics(checks), versionPage, openApiPages(scheme, () => customs.schemas(), () => remotes.available()), metrics.page, issuerPages(tokens), rootPage(scheme)];
  let known: Promise<FrontProxy> | undefined;
  const frontProxy = () => (known ??= createFrontProxy(clock));
  const remotes = createRemoteApis({ store, scheme, clock, random, frontProxy, changed: () => apiServices.changed() });
  const { nodes, proxy, proxyUpgrade, streams } = options;
  const front = createFront({
    core, report, queue, metrics, router: { pages, extensions: options.extensions ?? [], remotes, connect: { ...(nodes && { nodes }), ...(proxy && { proxy }), ...(proxyUpgrade && { proxyUpgrade }) }, address: () => address }, ...(streams && { streams }),
  });
  const client = (user: UserInfo) => inProcessClient({ core, user, authorize: front.authorize, raw: front.raw });
  const self = client(loopback);
  const apiServices = registerApiServices({ store, scheme, clock, client: self, checked: (name) => remotes.condition(name), failed: report });
  const customs = serveCustomResources({
    store, scheme, clock, client: self, failed: report, changed: () => apiServices.changed(),
    cleanup: { store, scheme, deleteAll: (resource) => deleteAll(core, resource) },
  });
  const listeners: Listener[] = [];
  await Promise.all([ensureNamespaces(self), ensureServiceCidr(self, services.serviceCidr)]);
  const aggregation = aggregateClusterRoles(store, self, report);
  if (options.authorization !== 'always-allow') await ensureRoles(self);
  await Promise.all([aggregation.settle(), customs.settle()]);
  await apiServices.settle();
  const stopLater = options.authorization === 'always-allow' ? () => {} : ensureLater({
    store, clock, client: self, failed: report,
    publish: async () => {
      if (options.pki) await publishAuthentication(self, options.pki.ca.cert, await frontProxy());
    },
  });

  return {
    scheme,
    client: (user) => (user ? client(user) : self),
    async listen({ host, port }) {
      if (!options.pki) throw new Error('createApiServer needs `pki` to listen');
      const listener = await listen({ host, port, pki: options.pki, answer: front.answer, upgrade: front.upgrade, report });
      listeners.push(listener);
      if (listeners.length === 1) address = `${host}:${listener.port}`;
      return { url: `https://${host.includes(':') ? `[${host}]` : host}:${listener.port}`, port: listener.port };
    },
    async close() {
      stopLater();
      aggregation.stop();
      customs.stop();
      apiServices.stop();
      remotes.stop();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
