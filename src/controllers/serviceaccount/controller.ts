import { isReason } from '../../api/errors.ts';
import { equalJson } from '../../api/json.ts';
import { ConfigMaps } from '../../api/kinds/core/config-map.ts';
import { Namespaces } from '../../api/kinds/core/namespace.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';

const ROOT_CA = 'kube-root-ca.crt';

/** Gives every namespace its `default` ServiceAccount and the ConfigMap with the cluster's CA (serviceaccounts_controller.go, rootcacertpublisher). `caCertificate` is PEM. */
export function namespaceDefaultsController(context: ControllerContext, caCertificate: string): Component {
  const { client, informers } = context;
  const namespaces = informers.informer(Namespaces);
  const accounts = informers.informer(ServiceAccounts);
  const configMaps = informers.informer(ConfigMaps);

  const reconcile = async (namespace: string) => {
    const owner = namespaces.get('', namespace);
    if (!owner || owner.status?.phase === 'Terminating' || owner.metadata.deletionTimestamp) return;
    if (!accounts.get(namespace, 'default')) {
      await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }).catch(unlessThere);
    }
    const data = { 'ca.crt': caCertificate };
    const published = configMaps.get(namespace, ROOT_CA);
    if (!published) {
      const annotations = { 'kubernetes.io/description': 'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.' };
      await client.create(ConfigMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: ROOT_CA, namespace, annotations }, data }).catch(unlessThere);
    } else if (!equalJson(published.data, data)) {
      await client.update(ConfigMaps, { ...published, data });
    }
  };

  return controllerIn(context, {
    name: 'serviceaccount-controller',
    reconcile,
    setup: (queue) => {
      namespaces.onChange({ added: (n) => queue.add(n.metadata.name ?? ''), updated: (_, n) => queue.add(n.metadata.name ?? '') });
      accounts.onChange({ deleted: (a) => { if (a.metadata.name === 'default') queue.add(a.metadata.namespace ?? ''); } });
      configMaps.onChange({
        updated: (_, c) => { if (c.metadata.name === ROOT_CA) queue.add(c.metadata.namespace ?? ''); },
        deleted: (c) => { if (c.metadata.name === ROOT_CA) queue.add(c.metadata.namespace ?? ''); },
      });
      return [namespaces, accounts, configMaps];
    },
  });
}

/** Another writer was first, or the informer is behind. */
function unlessThere(error: unknown): void {
  if (!isReason(error, 'AlreadyExists')) throw error;
}
