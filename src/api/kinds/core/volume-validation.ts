import type { FieldError } from '../../errors.ts';
import type { AzureDiskVolumeSource, DownwardAPIVolumeFile, FCVolumeSource, KeyToPath, ObjectFieldSelector, ProjectedVolumeSource, ResourceFieldSelector, Volume, VolumeProjection } from '../../types/core.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, oneOf, required, unsupported } from '../../validation/field.ts';
import { between, dns1123Label, dns1123Subdomain, qualifiedName } from '../../validation/formats.ts';
import { localPath, noBacksteps, quantityOrUndefined } from '../../validation/values.ts';
import { validateClaimSpec } from './claim-validation.ts';

/** Validation of a pod's volumes: ValidateVolumes of pkg/apis/core/validation/validation.go. `podName` is '' in templates. */
export function validateVolumes(volumes: readonly Volume[] | undefined, podName: string, at: string): FieldError[] {
  const names = new Set<string>();
  const claims = new Set((volumes ?? []).filter((v) => v.ephemeral && podName !== '').map((v) => `${podName}-${v.name}`));
  return each(volumes, at, (volume, path) => {
    const errors = validateSource(volume, podName, path);
    errors.push(...(volume.name ? invalidEach(`${path}.name`, volume.name, dns1123Label(volume.name)) : [required(`${path}.name`)]));
    if (names.has(volume.name)) errors.push(duplicate(`${path}.name`, volume.name));
    names.add(volume.name);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim && claims.has(claim)) errors.push(invalid(`${path}.persistentVolumeClaim.claimName`, claim, 'must not reference a PVC that gets created for an ephemeral volume'));
    return errors;
  });
}

/** What the volumes of types that nothing here can mount must say all the same. */
const NEEDS: readonly (readonly [keyof Volume, ...string[]])[] = [
  ['iscsi', 'targetPortal', 'iqn'], ['gitRepo', 'repository'], ['rbd', 'monitors', 'image'], ['cephfs', 'monitors'], ['awsElasticBlockStore', 'volumeID'], ['gcePersistentDisk', 'pdName'],
  ['glusterfs', 'endpoints', 'path'], ['azureFile', 'secretName', 'shareName'], ['flexVolume', 'driver'], ['cinder', 'volumeID'], ['scaleIO', 'gateway', 'system', 'volumeName'], ['vsphereVolume', 'volumePath'],
  ['quobyte', 'registry', 'volume'], ['portworxVolume', 'volumeID'], ['photonPersistentDisk', 'pdID'],
];

function missingFields(volume: Volume, at: string): FieldError[] {
  return NEEDS.flatMap(([type, ...fields]) => {
    const source = volume[type] as Readonly<Record<string, unknown>> | undefined;
    return source === undefined ? [] : fields.filter((field) => !source[field] || (Array.isArray(source[field]) && source[field].length === 0)).map((field) => required(`${at}.${type}.${field}`));
  });
}

function validateFibreChannel({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, at: string): FieldError[] {
  if (targetWWNs.length === 0) return wwids.length === 0 ? [required(`${at}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')] : [];
  return [
    ...(wwids.length > 0 ? [invalid(`${at}.targetWWNs`, targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')] : []),
    ...(lun === undefined ? [required(`${at}.lun`, 'lun is required if targetWWNs is specified')] : lun < 0 || lun > 255 ? [invalid(`${at}.lun`, lun, between(0, 255))] : []),
  ];
}

const AZURE_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const AZURE_BLOB = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function validateAzureDisk({ diskName, diskURI = '', cachingMode, kind = 'Shared' }: AzureDiskVolumeSource, at: string): FieldError[] {
  const fits = kind === 'Managed' ? diskURI.startsWith('/subscriptions/') : diskURI.startsWith('https://');
  return [
    ...(diskName ? [] : [required(`${at}.diskName`)]),
    ...(diskURI ? [] : [required(`${at}.diskURI`)]),
    ...(cachingMode === undefined ? [] : oneOf(`${at}.cachingMode`, cachingMode, ['None', 'ReadOnly', 'ReadWrite'])),
    ...oneOf(`${at}.kind`, kind, ['Dedicated', 'Managed', 'Shared']),
    ...(fits ? [] : [unsupported(`${at}.diskURI`, diskURI, [kind === 'Managed' ? AZURE_DISK : AZURE_BLOB])]),
  ];
}

/** The types that are mounted here have rules of their own. */
function validateSource(volume: Volume, podName: string, at: string): FieldError[] {
  const sources = Object.entries(volume).filter(([key, value]) => key !== 'name' && value !== undefined).map(([key]) => key);
  if (sources.length === 0) return [required(at, 'must specify a volume type')];
  return [...sources.slice(1).map((source) => forbidden(`${at}.${source}`, 'may not specify more than 1 volume type')), ...validateFields(volume, podName, at)];
}

function validateFields(volume: Volume, podName: string, at: string): FieldError[] {
  const { emptyDir, hostPath, secret, configMap, persistentVolumeClaim, downwardAPI, projected, nfs, csi, ephemeral, image, fc, azureDisk } = volume;
  if (fc) return validateFibreChannel(fc, `${at}.fc`);
  if (azureDisk) return validateAzureDisk(azureDisk, `${at}.azureDisk`);
  if (emptyDir) {
    const limit = quantityOrUndefined(emptyDir.sizeLimit);
    return limit && limit.nanos < 0n ? [forbidden(`${at}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [];
  }
  if (hostPath) {
    if (!hostPath.path) return [required(`${at}.hostPath.path`)];
    return [...noBacksteps(hostPath.path, `${at}.hostPath.path`), ...(hostPath.type === undefined ? [] : oneOf(`${at}.hostPath.type`, hostPath.type, HOST_PATH_TYPES))];
  }
  if (secret) return [...(secret.secretName ? [] : [required(`${at}.secret.secretName`)]), ...mode(secret.defaultMode, `${at}.secret.defaultMode`), ...each(secret.items, `${at}.secret.items`, validateKeyToPath)];
  if (configMap) return [...(configMap.name ? [] : [required(`${at}.configMap.name`)]), ...mode(configMap.defaultMode, `${at}.configMap.defaultMode`), ...each(configMap.items, `${at}.configMap.items`, validateKeyToPath)];
  if (persistentVolumeClaim) return persistentVolumeClaim.claimName ? [] : [required(`${at}.persistentVolumeClaim.claimName`)];
  if (downwardAPI) return [...mode(downwardAPI.defaultMode, `${at}.downwardAPI.defaultMode`), ...(downwardAPI.items ?? []).flatMap((file) => validateDownwardFile(file, `${at}.downwardAPI`))];
  if (projected) return validateProjected(projected, `${at}.projected`);
  if (nfs) {
    return [
      ...(nfs.server ? [] : [required(`${at}.nfs.server`)]),
      ...(nfs.path ? [] : [required(`${at}.nfs.path`)]),
      ...(nfs.path?.startsWith('/') ? [] : [invalid(`${at}.nfs.path`, nfs.path ?? '', 'must be an absolute path')]),
    ];
  }
  if (csi) return csi.driver ? [] : [required(`${at}.csi.driver`), ...invalidEach(`${at}.csi.driver`, '', dns1123Subdomain(''))];
  if (ephemeral) {
    if (!ephemeral.volumeClaimTemplate) return [required(`${at}.ephemeral.volumeClaimTemplate`)];
    const claim = `${podName}-${volume.name}`;
    const named = podName === '' ? [] : dns1123Subdomain(claim).map((text) => invalid(`${at}.name`, volume.name, `PVC name ${JSON.stringify(claim)}: ${text}`));
    return [...validateClaimSpec(ephemeral.volumeClaimTemplate.spec, `${at}.ephemeral.volumeClaimTemplate.spec`), ...named];
  }
  if (image) return podName !== '' && !image.reference ? [required(`${at}.image.reference`)] : [];
  return missingFields(volume, at);
}

const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

function mode(value: number | undefined, at: string): FieldError[] {
  return value !== undefined && (value < 0 || value > 0o777) ? [invalid(at, value, 'must be a number between 0 and 0777 (octal), both inclusive')] : [];
}

function validateKeyToPath(item: KeyToPath, at: string): FieldError[] {
  return [...(item.key ? [] : [required(`${at}.key`)]), ...(item.path ? [] : [required(`${at}.path`)]), ...localPath(item.path ?? '', `${at}.path`), ...mode(item.mode, `${at}.mode`)];
}

function validateDownwardFile(file: DownwardAPIVolumeFile, at: string): FieldError[] {
  const errors = [...(file.path ? [] : [required(`${at}.path`)]), ...localPath(file.path ?? '', `${at}.path`)];
  if (file.fieldRef) {
    errors.push(...validateFieldRef(file.fieldRef, VOLUME_FIELDS, `${at}.fieldRef`));
    if (file.resourceFieldRef) errors.push(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (file.resourceFieldRef) errors.push(...validateResourceRef(file.resourceFieldRef, `${at}.resourceFieldRef`, true));
  else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
  return [...errors, ...mode(file.mode, `${at}.mode`)];
}

const VOLUME_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
export const ENV_FIELDS = ['metadata.name', 'metadata.namespace', 'metadata.uid', 'spec.nodeName', 'spec.serviceAccountName', 'status.hostIP', 'status.hostIPs', 'status.podIP', 'status.podIPs'];
const KNOWN_FIELDS = new Set([...VOLUME_FIELDS, ...ENV_FIELDS, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'spec.hostNetwork', 'status.nominatedNodeName', 'spec.host']);
const RESOURCE_FIELDS = ['limits.cpu', 'limits.ephemeral-storage', 'limits.memory', 'requests.cpu', 'requests.ephemeral-storage', 'requests.memory'];

/** A field of the pod itself: `metadata.name`, `metadata.labels['app']`. */
export function validateFieldRef(ref: ObjectFieldSelector, allowed: readonly string[], at: string): FieldError[] {
  if (!ref.apiVersion) return [required(`${at}.apiVersion`)];
  if (!ref.fieldPath) return [required(`${at}.fieldPath`)];
  if (ref.apiVersion !== 'v1') return [invalid(`${at}.fieldPath`, ref.fieldPath, `error converting fieldPath: unsupported pod version: ${ref.apiVersion}`)];
  const subscript = /^(.*)\['(.*)'\]$/.exec(ref.fieldPath);
  if (subscript) {
    const [, path = '', key = ''] = subscript;
    if (path === 'metadata.annotations') return invalidEach(at, key.toLowerCase(), qualifiedName(key.toLowerCase()));
    if (path === 'metadata.labels') return invalidEach(at, key, qualifiedName(key));
    return [invalid(`${at}.fieldPath`, ref.fieldPath, 'error converting fieldPath: field label does not support subscript')];
  }
  if (!KNOWN_FIELDS.has(ref.fieldPath)) return [invalid(`${at}.fieldPath`, ref.fieldPath, `error converting fieldPath: field label not supported: ${ref.fieldPath}`)];
  return allowed.includes(ref.fieldPath) ? [] : [unsupported(`${at}.fieldPath`, ref.fieldPath, allowed)];
}

/** An amount of a container: `limits.cpu`. In volumes the container must be named. */
export function validateResourceRef(ref: ResourceFieldSelector, at: string, inVolume: boolean): FieldError[] {
  if (inVolume && !ref.containerName) return [required(`${at}.containerName`)];
  if (!ref.resource) return [required(`${at}.resource`)];
  const known = RESOURCE_FIELDS.includes(ref.resource) || /^(requests|limits)\.hugepages-/.test(ref.resource);
  const divisor = quantityOrUndefined(ref.divisor);
  if (known && divisor && divisor.nanos !== 0n) {
    const cpu = ref.resource.endsWith('.cpu');
    if (cpu ? !['1m', '1'].includes(ref.divisor!) : !/^1([kMGTPE]|[KMGTPE]i)?$/.test(ref.divisor!)) {
      const kind = ref.resource.endsWith('memory') ? 'memory' : ref.resource.endsWith('ephemeral-storage') ? 'local ephemeral storage' : 'hugepages';
      const detail = cpu ? "only divisor's values 1m and 1 are supported with the cpu resource" : `only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ${kind} resource`;
      return [invalid(`${at}.divisor`, ref.resource, detail)];
    }
  }
  return known ? [] : [unsupported(`${at}.resource`, ref.resource, RESOURCE_FIELDS)];
}

function validateProjected(volume: ProjectedVolumeSource, at: string): FieldError[] {
  const taken = new Set<string>();
  const once = (path: string | undefined, shownAs: string): FieldError[] => {
    if (!path) return [];
    if (taken.has(path)) return [invalid(at, shownAs, 'conflicting duplicate paths')];
    taken.add(path);
    return [];
  };
  return [...mode(volume.defaultMode, `${at}.defaultMode`), ...each(volume.sources, `${at}.sources`, (source, path) => validateProjection(source, path, at, once))];
}

function validateProjection(source: VolumeProjection, at: string, volumeAt: string, once: (path: string | undefined, shownAs: string) => FieldError[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const kind of ['secret', 'configMap'] as const) {
    const projection = source[kind];
    if (!projection) continue;
    if (!projection.name) errors.push(required(`${at}.${kind}.name`));
    errors.push(...each(projection.items, `${at}.${kind}.items`, (item, path) => [...validateKeyToPath(item, path), ...once(item.path, projection.name ?? '')]));
  }
  for (const file of source.downwardAPI?.items ?? []) errors.push(...validateDownwardFile(file, `${at}.downwardAPI`), ...once(file.path, file.path));
  const token = source.serviceAccountToken;
  if (token) {
    const seconds = token.expirationSeconds ?? 0;
    if (seconds < 600) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
    if (seconds > 2 ** 32) errors.push(invalid(`${at}.serviceAccountToken.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'));
    errors.push(...(token.path ? localPath(token.path, `${volumeAt}.path`) : [required(`${volumeAt}.path`)]));
  }
  const bundle = source.clusterTrustBundle;
  if (bundle) {
    if (bundle.name !== undefined && bundle.signerName !== undefined) errors.push(invalid(`${at}.clusterTrustBundle`, bundle, 'only one of name and signerName may be used'));
    else if (bundle.name === undefined && bundle.signerName === undefined) errors.push(required(`${at}.clusterTrustBundle`, 'either name or signerName must be specified'));
    errors.push(...(bundle.path ? [] : [required(`${at}.clusterTrustBundle.path`)]), ...localPath(bundle.path ?? '', `${at}.clusterTrustBundle.path`), ...once(bundle.path, bundle.path));
  }
  if (Object.values(source).filter((value) => value !== undefined).length > 1) errors.push(forbidden(at, 'may not specify more than 1 volume type per source'));
  return errors;
}
