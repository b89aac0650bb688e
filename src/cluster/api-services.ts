import { isReason } from '../api/errors.ts';
import { APIServices } from '../api/kinds/apiregistration/api-service.ts';
import type { APIService } from '../api/types/apiregistration.v1.ts';
import type { Client } from '../client/client.ts';

/** Upstream's groupPriorityMinimum of the first group after the core group, and how far the next ones lie apart. */
const FIRST_GROUP = 17_900;
const STEP = 100;

/**
 * One APIService for each group and version that is served, all by this process: what upstream's aggregator registers at its start. Tools ask for
 * `v1beta1.metrics.k8s.io` to learn whether there are metrics.
 */
export async function registerApiServices(client: Client, groups: readonly { readonly name: string; readonly versions: readonly string[] }[]): Promise<void> {
  await Promise.all(groups.flatMap(({ name: group, versions }, place) => versions.map((version, index) => ensure(client, {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: `${version}.${group}`, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
    spec: {
      ...(group !== '' && { group }),
      version,
      groupPriorityMinimum: group === '' ? 18_000 : FIRST_GROUP - place * STEP,
      versionPriority: Math.max(1, 15 - index),
      ...(group === 'metrics.k8s.io' && { service: { namespace: 'kube-system', name: 'metrics-server', port: 443 }, insecureSkipTLSVerify: true }),
    },
  }))));
}

async function ensure(client: Client, service: APIService): Promise<void> {
  const name = service.metadata.name ?? '';
  const known = await client.get(APIServices, name).catch((error: unknown) => {
    if (!isReason(error, 'NotFound')) throw error;
    return undefined;
  });
  if (known) return;
  const made = await client.create(APIServices, service);
  const [reason, message] = service.spec?.service ? ['Passed', 'all checks passed'] : ['Local', 'Local APIServices are always available'];
  const conditions = [{ type: 'Available', status: 'True', reason, message, lastTransitionTime: made.metadata.creationTimestamp }];
  await client.update(APIServices, { ...made, status: { conditions } }, { subresource: 'status' });
}
