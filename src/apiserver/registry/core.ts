import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Client } from '../../client/client.ts';
import type { Entry, Store } from '../../store/store.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/plugin.ts';
import type { TokenCheck } from '../authn/authenticate.ts';
import type { TokenAuthority } from '../authn/tokens.ts';
import type { Authorizer } from '../authz/attributes.ts';
import type { Resource, Scheme } from '../scheme.ts';
import type { UserInfo } from '../user.ts';
import type { WriteHooks } from './hooks.ts';

/** What every verb stands on. */
export interface Core {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheme: Scheme;
  readonly admission: readonly AdmissionPlugin[];
  readonly hooks: readonly WriteHooks[];
  readonly access: Access;
  /** Waits for what the server itself does about a new object before it is answered: whoever reads it next and changes it shall not lose to that. */
  readonly settled?: (resource: Resource) => Promise<void>;
  /** The server's own client, given to admission plugins. */
  readonly client: () => Client;
}

/** Who is who and who may what. */
export interface Access {
  readonly authorizer: Authorizer;
  readonly tokens: TokenAuthority;
  authenticateToken(token: string): TokenCheck;
}

/** One write: to what, by whom, how. */
export interface WriteRequest {
  readonly resource: Resource;
  /** '' for cluster-scoped resources. */
  readonly namespace: string;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly warnings: string[];
}

/** The store's key of an object. */
export function keyOf(resource: Resource, namespace: string, name: string): string {
  return `${resource.prefix}${namespace}/${name}`;
}

let lastSecond = -1;
let lastText = '';

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export function timestamp(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
  }
  return lastText;
}

/** An entry for something that was never stored: the answer to a dry run. */
export function unstored(key: string, revision: number, object: KubeObject): Entry {
  return { key, revision, object, encoded: () => Buffer.from(JSON.stringify(object)) };
}

/** What the admission plugins are told about a write. */
export function admissionRequest(
  core: Core,
  request: WriteRequest,
  about: Pick<AdmissionRequest, 'operation' | 'name'> & Partial<Pick<AdmissionRequest, 'object' | 'oldObject' | 'subresource'>>,
): AdmissionRequest {
  const { resource } = request;
  return {
    subresource: '',
    ...about,
    kind: resource.kind,
    resource: { group: resource.group, version: resource.version, plural: resource.plural },
    namespace: resource.kind.plural === 'namespaces' && resource.group === '' ? about.name : request.namespace,
    user: request.user,
    dryRun: request.dryRun,
    client: core.client(),
    warn: (text) => request.warnings.push(text),
  };
}
