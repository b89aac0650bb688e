import { StatusError } from '../../api/errors.ts';
import { parseApiVersion } from '../../api/object.ts';
import type { Status } from '../../api/types/meta.v1.ts';
import type { Client, RawRequest, RawResponse } from '../../client/client.ts';
import { TargetError } from './reconcile.ts';

/** Where the objects of a kind are: `/apis/apps/v1`, `deployments`. */
export interface Mapping {
  readonly root: string;
  readonly group: string;
  readonly plural: string;
}

/** Finds resources by discovery, for kinds that are not known beforehand (meta.RESTMapper). What was found is kept. */
export interface RestMapper {
  /** Every served version's resource of a kind, the preferred one first. Rejects when there is none. */
  mappings(apiVersion: string | undefined, kind: string): Promise<readonly Mapping[]>;
  /** Forgets a kind, because what was found does not answer any more. */
  forget(apiVersion: string | undefined, kind: string): void;
}

export function restMapper(client: Client): RestMapper {
  const known = new Map<string, readonly Mapping[]>();
  const keyOf = (apiVersion: string | undefined, kind: string) => `${groupOf(apiVersion)}/${kind}`;
  return {
    async mappings(apiVersion, kind) {
      const key = keyOf(apiVersion, kind);
      const found = known.get(key) ?? await discover(client, groupOf(apiVersion), kind);
      known.set(key, found);
      return found;
    },
    forget: (apiVersion, kind) => void known.delete(keyOf(apiVersion, kind)),
  };
}

function groupOf(apiVersion = ''): string {
  if (apiVersion.split('/').length > 2) throw new TargetError(`unexpected GroupVersion string: ${apiVersion}`);
  return parseApiVersion(apiVersion).group;
}

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string }[];
}

async function discover(client: Client, group: string, kind: string): Promise<readonly Mapping[]> {
  const missing = new Error(`no matches for kind "${kind}" in group "${group}"`);
  const roots = group === '' ? ['/api/v1'] : await versionsOf(client, group, missing);
  const found: Mapping[] = [];
  for (const root of roots) {
    const { resources = [] } = await getJson<ResourceList>(client, root);
    const resource = resources.find((candidate) => candidate.kind === kind && !candidate.name.includes('/'));
    if (resource) found.push({ root, group, plural: resource.name });
  }
  if (found.length === 0) throw missing;
  return found;
}

async function versionsOf(client: Client, group: string, missing: Error): Promise<readonly string[]> {
  interface ApiGroup {
    readonly versions: readonly { readonly groupVersion: string }[];
    readonly preferredVersion?: { readonly groupVersion: string };
  }
  let answer: ApiGroup;
  try {
    answer = await getJson<ApiGroup>(client, `/apis/${group}`);
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) throw missing;
    throw error;
  }
  const preferred = answer.preferredVersion?.groupVersion;
  const versions = answer.versions.map((version) => version.groupVersion);
  return [...(preferred === undefined ? [] : [preferred]), ...versions.filter((version) => version !== preferred)].map((version) => `/apis/${version}`);
}

/** Sends a request and reads its JSON; rejects with StatusError, whose text for an answer without one is client-go's. */
export async function requestJson<T>(client: Client, request: RawRequest, what: string): Promise<T> {
  const response = await client.raw({ ...request, headers: { accept: 'application/json', ...(request.body !== undefined && { 'content-type': 'application/json' }), ...request.headers } });
  const body = parse(response);
  if (response.status < 300) return body as T;
  const status = body as Status | undefined;
  if (status?.kind === 'Status' && status.message) throw new StatusError(status);
  const message = response.status === 404 ? `the server could not find the requested resource (${request.method.toLowerCase()} ${what})` : `an error on the server ("${response.body.toString('utf8').slice(0, 200).trim()}") has prevented the request from succeeding (${request.method.toLowerCase()} ${what})`;
  throw new StatusError({ apiVersion: 'v1', kind: 'Status', status: 'Failure', message, reason: response.status === 404 ? 'NotFound' : 'InternalError', code: response.status });
}

export const getJson = <T>(client: Client, path: string, what = path): Promise<T> => requestJson<T>(client, { method: 'GET', path }, what);

function parse(response: RawResponse): unknown {
  try {
    return JSON.parse(response.body.toString('utf8'));
  } catch {
    return undefined;
  }
}
