/** A container's environment (kubelet_pods.go makeEnvironmentVariables; pkg/kubelet/envvars). */
import type { ConfigMap, Container, Pod, Secret, Service } from '../../api/types/core.v1.ts';
import { fieldValue, resourceValue, type PodAddresses } from './downward.ts';
import { expand } from './expansion.ts';

export interface EnvInput {
  readonly pod: Pod;
  readonly container: Container;
  /** Of the pod's namespace, by name; missing = there is none. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly secrets: ReadonlyMap<string, Secret>;
  /** The pod's namespace's services, and default/kubernetes. */
  readonly services: readonly Service[];
  readonly addresses: PodAddresses;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** The ConfigMaps and Secrets that a container's environment names. */
export function envReferences(container: Container): { configMaps: string[]; secrets: string[] } {
  const configMaps = [...(container.envFrom ?? []).map((f) => f.configMapRef?.name), ...(container.env ?? []).map((e) => e.valueFrom?.configMapKeyRef?.name)];
  const secrets = [...(container.envFrom ?? []).map((f) => f.secretRef?.name), ...(container.env ?? []).map((e) => e.valueFrom?.secretKeyRef?.name)];
  const unique = (names: (string | undefined)[]) => [...new Set(names.filter((n) => n !== undefined))];
  return { configMaps: unique(configMaps), secrets: unique(secrets) };
}

/** Throws with upstream's text when something that is not optional is missing: the container waits with CreateContainerConfigError. */
export function environment(input: EnvInput): [string, string][] {
  const { pod, container } = input;
  const service = serviceEnv(input.services, pod.metadata.namespace ?? '', pod.spec.enableServiceLinks !== false);
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of envFrom(input, source)) result.set(`${source.prefix ?? ''}${key}`, value);
  }
  const seen = new Map<string, string>();
  const lookup = (name: string) => seen.get(name) ?? result.get(name) ?? service.get(name);
  for (const variable of container.env ?? []) {
    let value: string | undefined = variable.value ?? '';
    if (value !== '') value = expand(value, lookup);
    else if (variable.valueFrom) value = resolve(input, variable.valueFrom);
    if (value === undefined) continue;
    seen.set(variable.name, value);
    result.delete(variable.name);
    result.set(variable.name, value);
  }
  for (const [name, value] of service) if (!result.has(name)) result.set(name, value);
  return [...result];
}

type FromSource = NonNullable<Container['envFrom']>[number];

function envFrom(input: EnvInput, source: FromSource): [string, string][] {
  if (source.configMapRef) {
    const { name = '', optional } = source.configMapRef;
    const found = input.configMaps.get(name);
    if (!found && !optional) throw new Error(`configmap "${name}" not found`);
    return Object.entries(found?.data ?? {});
  }
  if (source.secretRef) {
    const { name = '', optional } = source.secretRef;
    const found = input.secrets.get(name);
    if (!found && !optional) throw new Error(`secret "${name}" not found`);
    return Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)]);
  }
  return [];
}

function resolve(input: EnvInput, from: NonNullable<NonNullable<Container['env']>[number]['valueFrom']>): string | undefined {
  const { pod } = input;
  if (from.fieldRef) return fieldValue(from.fieldRef, pod, input.addresses);
  if (from.resourceFieldRef) {
    const name = from.resourceFieldRef.containerName;
    const container = name ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find((c) => c.name === name) : input.container;
    if (!container) throw new Error(`container ${name} not found`);
    return resourceValue(from.resourceFieldRef, container, input.allocatable);
  }
  if (from.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef;
    const found = input.configMaps.get(name);
    const value = found?.data?.[key];
    if (value !== undefined || optional) return value;
    throw new Error(found ? `couldn't find key ${key} in ConfigMap ${pod.metadata.namespace}/${name}` : `configmap "${name}" not found`);
  }
  if (from.secretKeyRef) {
    const { name = '', key, optional } = from.secretKeyRef;
    const found = input.secrets.get(name);
    const value = found?.data?.[key];
    if (value !== undefined) return decode(value);
    if (optional) return undefined;
    throw new Error(found ? `couldn't find key ${key} in Secret ${pod.metadata.namespace}/${name}` : `secret "${name}" not found`);
  }
  return '';
}

const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8');

/** NAME_SERVICE_HOST and the docker-link variables (envvars/envvars.go); KUBERNETES_* always. */
function serviceEnv(services: readonly Service[], namespace: string, links: boolean): Map<string, string> {
  const env = new Map<string, string>();
  for (const service of services) {
    const { name = '', namespace: ns } = service.metadata;
    const isMaster = ns === 'default' && name === 'kubernetes';
    const ip = service.spec.clusterIP;
    if (!ip || ip === 'None' || !(isMaster || (links && ns === namespace))) continue;
    const prefix = name.toUpperCase().replaceAll('-', '_');
    const ports = service.spec.ports ?? [];
    if (ports.length === 0) continue;
    env.set(`${prefix}_SERVICE_HOST`, ip);
    env.set(`${prefix}_SERVICE_PORT`, String(ports[0]!.port));
    for (const port of ports) {
      if (port.name) env.set(`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port));
    }
    const host = ip.includes(':') ? `[${ip}]` : ip;
    ports.forEach((port, i) => {
      const protocol = (port.protocol ?? 'TCP').toLowerCase();
      const url = `${protocol}://${host}:${port.port}`;
      if (i === 0) env.set(`${prefix}_PORT`, url);
      const portPrefix = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
      env.set(portPrefix, url);
      env.set(`${portPrefix}_PROTO`, protocol);
      env.set(`${portPrefix}_PORT`, String(port.port));
      env.set(`${portPrefix}_ADDR`, ip);
    });
  }
  return env;
}
