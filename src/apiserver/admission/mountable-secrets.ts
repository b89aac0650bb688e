import type { Container, Pod, ServiceAccount } from '../../api/types/core.v1.ts';

const ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';
/** Go's strconv.ParseBool. */
const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

type Kind = 'init container' | 'container' | 'ephemeral container';

/** Whether a service account's pods may use only the secrets that it lists. */
export const isLimited = ({ metadata }: ServiceAccount): boolean => TRUE.has(metadata.annotations?.[ANNOTATION] ?? '');

/** Why a new pod may not use what it asks for; undefined when its service account lists it all (plugin/pkg/admission/serviceaccount limitSecretReferences). */
export function secretRefusal(account: ServiceAccount, { spec }: Pod): string | undefined {
  const unlisted = unlistedBy(account);
  for (const { secret } of spec.volumes ?? []) {
    if (secret && unlisted(secret.secretName)) return `volume with secret.secretName="${secret.secretName ?? ''}" is not allowed because service account ${account.metadata.name} does not reference that secret`;
  }
  const inContainers = containersRefusal(account, [...(spec.initContainers ?? []).map((c) => ['init container', c] as const), ...spec.containers.map((c) => ['container', c] as const)]);
  if (inContainers !== undefined) return inContainers;
  const pull = new Set(account.imagePullSecrets?.map(({ name }) => name));
  const at = (spec.imagePullSecrets ?? []).findIndex(({ name }) => !pull.has(name));
  return at < 0 ? undefined : `imagePullSecrets[${at}].name="${spec.imagePullSecrets![at]!.name ?? ''}" is not allowed because service account ${account.metadata.name} does not reference that imagePullSecret`;
}

/** The same of containers that come to a running pod. */
export function debuggerRefusal(account: ServiceAccount, { spec }: Pod): string | undefined {
  return containersRefusal(account, (spec.ephemeralContainers ?? []).map((c) => ['ephemeral container', c] as const));
}

function unlistedBy(account: ServiceAccount): (secret: string | undefined) => boolean {
  const listed = new Set(account.secrets?.map(({ name }) => name));
  return (secret) => !listed.has(secret);
}

function containersRefusal(account: ServiceAccount, containers: readonly (readonly [Kind, Pick<Container, 'name' | 'env' | 'envFrom'>])[]): string | undefined {
  const unlisted = unlistedBy(account);
  for (const [kind, { name, env = [], envFrom = [] }] of containers) {
    const refused = (how: string, secret: string | undefined) => `${kind} ${name} with ${how} referencing secret.secretName="${secret ?? ''}" is not allowed because service account ${account.metadata.name} does not reference that secret`;
    const variable = env.find(({ valueFrom }) => valueFrom?.secretKeyRef && unlisted(valueFrom.secretKeyRef.name));
    if (variable) return refused(`envVar ${variable.name}`, variable.valueFrom!.secretKeyRef!.name);
    const whole = envFrom.find(({ secretRef }) => secretRef && unlisted(secretRef.name));
    if (whole) return refused('envFrom', whole.secretRef!.name);
  }
  return undefined;
}
