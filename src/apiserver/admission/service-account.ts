import { forbidden } from '../../api/errors.ts';
import type { Pod, ServiceAccount, Volume } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { Store } from '../../store/store.ts';
import { debuggerRefusal, isLimited, secretRefusal } from './mountable-secrets.ts';
import type { AdmissionPlugin } from './plugin.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** One hour and a little, so that tokens of that age are told apart from asked-for ones (serviceaccount.WarnOnlyBoundTokenExpirationPeriod). */
const EXPIRATION_SECONDS = 3607;
/** A new namespace's `default` account is made by a controller, a moment after it: it is looked for so many times. */
const LOOKS = 10;

/** Every pod runs as a ServiceAccount that exists, and gets its token mounted unless it declines (plugin/pkg/admission/serviceaccount). */
export function serviceAccount(store: Store, clock: Clock, random: Random): AdmissionPlugin {
  const find = async (namespace: string, name: string): Promise<ServiceAccount | undefined> => {
    const pauseMs = 100 + random.int(100);
    for (let look = 1; ; look++) {
      const found = store.get(`serviceaccounts/${namespace}/${name}`)?.object as ServiceAccount | undefined;
      if (found || name !== 'default' || look === LOOKS) return found;
      await clock.sleep(pauseMs);
    }
  };
  return {
    name: 'ServiceAccount',
    async mutate({ operation, kind, resource, namespace, name, object, subresource }) {
      if (operation !== 'CREATE' || subresource !== '' || kind.plural !== 'pods' || !object) return;
      const { spec, metadata } = object as Pod;
      // Mirror pods stand for what a kubelet runs by itself.
      if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return;
      const accountName = (spec.serviceAccountName ??= 'default') || 'default';
      spec.serviceAccountName = accountName;
      spec.serviceAccount = accountName;
      const account = await find(namespace, accountName);
      if (!account) throw forbidden(resource, metadata.name ?? name, `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`);
      if (!spec.imagePullSecrets?.length && account.imagePullSecrets?.length) spec.imagePullSecrets = account.imagePullSecrets.map((s) => ({ ...s }));
      if ((spec.automountServiceAccountToken ?? account.automountServiceAccountToken) !== false) mountToken(object as Pod, random);
    },
    validate({ operation, kind, resource, namespace, name, object, subresource }) {
      if (kind.plural !== 'pods' || kind.storage.group !== '' || !object) return;
      const created = operation === 'CREATE' && subresource === '';
      if (!created && !(operation === 'UPDATE' && subresource === 'ephemeralcontainers')) return;
      const pod = object as Pod;
      const account = store.get(`serviceaccounts/${namespace}/${pod.spec.serviceAccountName}`)?.object as ServiceAccount | undefined;
      if (!account || !isLimited(account) || pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return;
      const refusal = created ? secretRefusal(account, pod) : debuggerRefusal(account, pod);
      if (refusal !== undefined) throw forbidden(resource, name || (pod.metadata.name ?? ''), refusal);
    },
  };
}

function mountToken({ spec }: Pod, random: Random): void {
  const isToken = (volume: Volume) => volume.name.startsWith('kube-api-access-');
  const existing = spec.volumes?.find(isToken);
  const name = existing?.name ?? `kube-api-access-${random.suffix(5)}`;
  let used = existing !== undefined;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === MOUNT_PATH)) continue;
    (container.volumeMounts ??= []).push({ name, readOnly: true, mountPath: MOUNT_PATH });
    used = true;
  }
  if (existing || !used) return;
  (spec.volumes ??= []).push({
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: EXPIRATION_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  });
}
