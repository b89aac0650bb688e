import { parseReference } from '../../../base/image-reference.ts';
import { parseQuantity, formatQuantity } from '../../../base/quantity.ts';
import type { Container, ContainerPort, EphemeralContainer, LifecycleHandler, PodSpec, PodTemplateSpec, Probe, ResourceRequirements, Volume } from '../../types/core.v1.ts';
import { defaultClaimSpec } from './claim-defaults.ts';

/** Defaults of a pod's spec wherever it stands (pods, templates): pkg/apis/core/v1/defaults.go. Idempotent. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.restartPolicy ||= 'Always';
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= 'default-scheduler';
  // serviceAccount is the old name of serviceAccountName; both are always shown (pkg/apis/core/v1/conversion.go).
  if (spec.serviceAccountName || spec.serviceAccount) {
    spec.serviceAccountName ||= spec.serviceAccount;
    spec.serviceAccount = spec.serviceAccountName;
  }
  spec.volumes?.forEach(defaultVolume);
  for (const container of allContainers(spec)) defaultContainer(container);
}

/** Defaults of a pod template: its spec, without what only pods get. */
export function defaultPodTemplate(template: PodTemplateSpec): void {
  template.metadata ??= {};
  template.spec ??= { containers: [] };
  defaultPodSpec(template.spec);
}

/** What only a Pod gets, not a template: requests from limits, host ports on the host's network, service links. */
export function defaultOwnPodSpec(spec: PodSpec): void {
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    requestsFromLimits(container.resources);
    if (spec.hostNetwork) container.ports?.forEach(sameHostPort);
  }
  spec.enableServiceLinks ??= true;
}

/** Normal, init and ephemeral containers, in that order. */
function allContainers(spec: PodSpec): (Container | EphemeralContainer)[] {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
}

function sameHostPort(port: ContainerPort): void {
  port.hostPort ||= port.containerPort;
}

function requestsFromLimits(resources: ResourceRequirements | undefined): void {
  if (!resources?.limits) return;
  const requests = (resources.requests ??= {});
  for (const [name, limit] of Object.entries(resources.limits)) {
    if (!Object.hasOwn(requests, name)) requests[name] = limit;
  }
}

function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= pullPolicy(container.image ?? '');
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  roundUpResources(container.resources);
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const env of container.env ?? []) {
    if (env.valueFrom?.fieldRef) env.valueFrom.fieldRef.apiVersion ||= 'v1';
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe);
  if (container.lifecycle?.postStart) defaultHandler(container.lifecycle.postStart);
  if (container.lifecycle?.preStop) defaultHandler(container.lifecycle.preStop);
}

/** Amounts finer than a thousandth are rounded up (SetDefaults_ResourceList). */
function roundUpResources(resources: ResourceRequirements): void {
  for (const list of [resources.limits, resources.requests]) if (list) roundUpToMilli(list);
}

export function roundUpToMilli(list: Record<string, string>): void {
  for (const [name, amount] of Object.entries(list)) {
    const quantity = parsedOrUndefined(amount);
    const milli = 1_000_000n;
    if (!quantity || quantity.nanos % milli === 0n) continue;
    const up = quantity.nanos > 0n ? quantity.nanos + milli - (quantity.nanos % milli) : quantity.nanos - (quantity.nanos % milli);
    list[name] = formatQuantity({ ...quantity, nanos: up });
  }
}

function parsedOrUndefined(amount: string) {
  try {
    return parseQuantity(amount);
  } catch {
    return undefined; // validation says so
  }
}

/** Always for `latest` or no tag, IfNotPresent otherwise, also for what is no reference (`ko://…`): upstream's parser finds no tag in it. */
function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  try {
    return parseReference(image).tag === 'latest' ? 'Always' : 'IfNotPresent';
  } catch {
    return 'IfNotPresent';
  }
}

function defaultHandler(handler: Probe | LifecycleHandler): void {
  if (handler.httpGet) {
    handler.httpGet.path ||= '/';
    handler.httpGet.scheme ||= 'HTTP';
  }
}

function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  if (probe.grpc) probe.grpc.service ??= '';
  defaultHandler(probe);
}

const MODE = 0o644;

function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  if (volume.secret) volume.secret.defaultMode ??= MODE;
  if (volume.configMap) volume.configMap.defaultMode ??= MODE;
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.image) volume.image.pullPolicy ||= pullPolicy(volume.image.reference ?? '');
  if (volume.downwardAPI) {
    volume.downwardAPI.defaultMode ??= MODE;
    volume.downwardAPI.items?.forEach(defaultFieldRef);
  }
  if (volume.projected) {
    volume.projected.defaultMode ??= MODE;
    for (const source of volume.projected.sources ?? []) {
      if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
      source.downwardAPI?.items?.forEach(defaultFieldRef);
    }
  }
  if (volume.ephemeral?.volumeClaimTemplate) defaultClaimSpec((volume.ephemeral.volumeClaimTemplate.spec ??= {}));
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default';
  if (volume.rbd) {
    volume.rbd.pool ||= 'rbd';
    volume.rbd.user ||= 'admin';
    volume.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned';
    volume.scaleIO.fsType ||= 'xfs';
  }
}

function defaultFieldRef(item: { fieldRef?: { apiVersion?: string } }): void {
  if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
}
