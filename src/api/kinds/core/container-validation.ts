import type { FieldError } from '../../errors.ts';
import type { AppArmorProfile, Container, ContainerPort, EnvFromSource, EnvVar, EphemeralContainer, PodSpec, SeccompProfile, SecurityContext, Volume } from '../../types/core.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, missing, oneOf, required, unsupported, tooLong } from '../../validation/field.ts';
import { between, configMapKey, dns1123Label, dns1123Subdomain, portName, portNumber, relaxedEnvVarName } from '../../validation/formats.ts';
import { descendingPath } from '../../validation/values.ts';
import { validateMounts } from './mount-validation.ts';
import { validateLifecycle, validateProbes } from './probe-validation.ts';
import { validateResources } from './resource-validation.ts';
import { ENV_FIELDS, validateFieldRef, validateResourceRef } from './volume-validation.ts';

/** Validation of a pod's containers: pkg/apis/core/validation/validation.go. */
export function validateContainers(spec: PodSpec, at: string): FieldError[] {
  const containers = spec.containers ?? [];
  const taken = new Set<string>();
  const once = (name: string | undefined, path: string): FieldError[] => {
    if (taken.has(name ?? '')) return [duplicate(`${path}.name`, name ?? '')];
    if (name) taken.add(name);
    return [];
  };
  const normal = containers.length === 0
    ? [required(`${at}.containers`)]
    : [...each(containers, `${at}.containers`, (container, path) => [
      ...validateContainer(container, spec, path),
      ...once(container.name, path),
      ...validateLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${path}.lifecycle`),
      ...validateProbes(container, spec.terminationGracePeriodSeconds, path),
      ...(container.restartPolicy === undefined ? [] : [forbidden(`${path}.restartPolicy`, 'may not be set for non-init containers')]),
    ]), ...hostPortConflicts(containers, `${at}.containers`)];
  const init = each(spec.initContainers, `${at}.initContainers`, (container, path) => [...validateInitContainer(container, spec, path), ...once(container.name, path)]);
  const ephemeral = each(spec.ephemeralContainers, `${at}.ephemeralContainers`, (container, path) => [...validateEphemeralContainer(container, spec, path), ...once(container.name, path)]);
  return [...normal, ...init, ...ephemeral];
}

function validateInitContainer(container: Container, spec: PodSpec, at: string): FieldError[] {
  const errors = validateContainer(container, spec, at);
  if (container.restartPolicy !== undefined) errors.push(...oneOf(`${at}.restartPolicy`, container.restartPolicy, ['Always']));
  if (container.restartPolicy === 'Always') {
    return [...errors, ...validateLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${at}.lifecycle`), ...validateProbes(container, spec.terminationGracePeriodSeconds, at)];
  }
  const refused = (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const).filter((field) => container[field]);
  return [...errors, ...refused.map((field) => forbidden(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'))];
}

function validateEphemeralContainer(container: EphemeralContainer, spec: PodSpec, at: string): FieldError[] {
  const errors = validateContainer(container, spec, at);
  const others = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => c.name));
  const target = container.targetContainerName;
  if (target && !others.has(target)) errors.push(missing(`${at}.targetContainerName`, target));
  const why = 'cannot be set for an Ephemeral Container';
  const present = (value: unknown) => (typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== undefined);
  for (const field of ['ports', 'resources', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resizePolicy', 'restartPolicy'] as const) {
    if (present(container[field])) errors.push(forbidden(`${at}.${field}`, why));
  }
  const mounts = each(container.volumeMounts, `${at}.volumeMounts`, (mount, path) => (['subPath', 'subPathExpr'] as const).filter((field) => mount[field]).map((field) => forbidden(`${path}.${field}`, why)));
  return [...errors, ...mounts];
}

function validateContainer(container: Container | EphemeralContainer, spec: PodSpec, at: string): FieldError[] {
  const volumes: readonly Volume[] = spec.volumes ?? [];
  return [
    ...(container.name ? invalidEach(`${at}.name`, container.name, dns1123Label(container.name)) : [required(`${at}.name`)]),
    ...(container.image ? [] : [required(`${at}.image`)]),
    ...(container.terminationMessagePolicy ? oneOf(`${at}.terminationMessagePolicy`, container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError']) : [required(`${at}.terminationMessagePolicy`)]),
    ...validatePorts(container.ports, `${at}.ports`),
    ...each(container.env, `${at}.env`, validateEnv),
    ...each(container.envFrom, `${at}.envFrom`, (source, path) => validateEnvFrom(source, path, `${at}.envFrom`)),
    ...validateMounts(container, volumes, at),
    ...(container.imagePullPolicy ? oneOf(`${at}.imagePullPolicy`, container.imagePullPolicy, ['Always', 'IfNotPresent', 'Never']) : [required(`${at}.imagePullPolicy`)]),
    ...validateResources(container.resources, `${at}.resources`),
    ...validateResizePolicy(container, spec, `${at}.resizePolicy`),
    ...validateSecurityContext(container.securityContext, spec.hostUsers !== false, `${at}.securityContext`),
  ];
}

/** Images with blanks around them are refused in pods, not in templates. */
export function validateImages(containers: readonly Container[] | undefined, at: string): FieldError[] {
  return each(containers, at, ({ image = '' }, path) => (image === image.trim() ? [] : [invalid(`${path}.image`, image, 'must not have leading or trailing whitespace')]));
}

function validatePorts(ports: readonly ContainerPort[] | undefined, at: string): FieldError[] {
  const names = new Set<string>();
  return each(ports, at, (port, path) => {
    const errors: FieldError[] = [];
    if (port.name) {
      const bad = portName(port.name);
      if (bad.length > 0) errors.push(...invalidEach(`${path}.name`, port.name, bad));
      else if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name));
      else names.add(port.name);
    }
    errors.push(...(port.containerPort ? invalidEach(`${path}.containerPort`, port.containerPort, portNumber(port.containerPort)) : [required(`${path}.containerPort`)]));
    if (port.hostPort) errors.push(...invalidEach(`${path}.hostPort`, port.hostPort, portNumber(port.hostPort)));
    errors.push(...(port.protocol ? oneOf(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']) : [required(`${path}.protocol`)]));
    return errors;
  });
}

function hostPortConflicts(containers: readonly Container[], at: string): FieldError[] {
  const taken = new Set<string>();
  return each(containers, at, (container, path) => each(container.ports, `${path}.ports`, (port, portPath) => {
    if (!port.hostPort) return [];
    const key = `${port.protocol ?? ''}/${port.hostIP ?? ''}/${port.hostPort}`;
    if (taken.has(key)) return [duplicate(`${portPath}.hostPort`, key)];
    taken.add(key);
    return [];
  }));
}

function validateEnv(env: EnvVar, at: string): FieldError[] {
  const errors = env.name ? invalidEach(`${at}.name`, env.name, relaxedEnvVarName(env.name)) : [required(`${at}.name`)];
  if (!env.valueFrom) return errors;
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = env.valueFrom;
  const from = `${at}.valueFrom`;
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, ENV_FIELDS, `${from}.fieldRef`));
  if (resourceFieldRef) errors.push(...validateResourceRef(resourceFieldRef, `${from}.resourceFieldRef`, false));
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${from}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${from}.secretKeyRef`));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter((source) => source !== undefined).length;
  if (sources === 0) errors.push(invalid(from, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'));
  else if (env.value) errors.push(invalid(from, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) errors.push(invalid(from, '', 'may not have more than one field specified at a time'));
  return errors;
}

function validateKeyRef(ref: { name?: string; key: string }, at: string): FieldError[] {
  const name = ref.name ?? '';
  return [...invalidEach(`${at}.name`, name, dns1123Subdomain(name)), ...(ref.key ? invalidEach(`${at}.key`, ref.key, configMapKey(ref.key)) : [required(`${at}.key`)])];
}

function validateEnvFrom(source: EnvFromSource, at: string, listAt: string): FieldError[] {
  const errors = source.prefix ? invalidEach(`${at}.prefix`, source.prefix, relaxedEnvVarName(source.prefix)) : [];
  const present = (['configMapRef', 'secretRef'] as const).filter((kind) => source[kind]);
  for (const kind of present) {
    const name = source[kind]!.name;
    errors.push(...(name ? invalidEach(`${at}.${kind}.name`, name, dns1123Subdomain(name)) : [required(`${at}.${kind}.name`)]));
  }
  if (present.length === 0) errors.push(invalid(listAt, '', 'must specify one of: `configMapRef` or `secretRef`'));
  if (present.length > 1) errors.push(invalid(listAt, '', 'may not have more than one field specified at a time'));
  return errors;
}

function validateResizePolicy(container: Container | EphemeralContainer, spec: PodSpec, at: string): FieldError[] {
  const seen = new Set<string>();
  return each(container.resizePolicy, at, (policy, path) => {
    const errors = seen.has(policy.resourceName) ? [duplicate(path, policy.resourceName)] : [];
    seen.add(policy.resourceName);
    errors.push(...(policy.resourceName ? oneOf(at, policy.resourceName, ['cpu', 'memory']) : [required(at)]));
    errors.push(...(policy.restartPolicy ? oneOf(at, policy.restartPolicy, ['NotRequired', 'RestartContainer']) : [required(at)]));
    if (spec.restartPolicy === 'Never' && policy.restartPolicy !== 'NotRequired') errors.push(invalid(at, policy.restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
    return errors;
  });
}

const MAX_ID = 2 ** 31 - 1;

/** A user's or group's number. */
export function userId(id: number | undefined, at: string): FieldError[] {
  return id !== undefined && (id < 0 || id > MAX_ID) ? [invalid(at, id, between(0, MAX_ID))] : [];
}

function validateSecurityContext(context: SecurityContext | undefined, hostUsers: boolean, at: string): FieldError[] {
  if (!context) return [];
  const errors = [...userId(context.runAsUser, `${at}.runAsUser`), ...userId(context.runAsGroup, `${at}.runAsGroup`)];
  if (context.procMount !== undefined) {
    errors.push(...oneOf(`${at}.procMount`, context.procMount, ['Default', 'Unmasked']));
    if (hostUsers && context.procMount === 'Unmasked') errors.push(invalid(`${at}.procMount`, context.procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`), ...validateAppArmor(context.appArmorProfile, `${at}.appArmorProfile`));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) errors.push(invalid(at, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) errors.push(invalid(at, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'));
  }
  return errors;
}

export function validateAppArmor(profile: AppArmorProfile | undefined, at: string): FieldError[] {
  if (!profile) return [];
  const { type, localhostProfile } = profile;
  const path = `${at}.localhostProfile`;
  if (!type) return [required(`${at}.type`, 'type is required when appArmorProfile is set')];
  if (type !== 'Localhost') {
    if (type !== 'RuntimeDefault' && type !== 'Unconfined') return [unsupported(`${at}.type`, type, ['Localhost', 'RuntimeDefault', 'Unconfined'])];
    return localhostProfile === undefined ? [] : [invalid(path, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  }
  if (localhostProfile === undefined) return [required(path, 'must be set when AppArmor type is Localhost')];
  const errors = localhostProfile.trim() !== localhostProfile ? [invalid(path, localhostProfile, 'must not be padded with whitespace')] : localhostProfile === '' ? [required(path, 'must be set when AppArmor type is Localhost')] : [];
  return localhostProfile.length > MAX_PATH ? [...errors, tooLong(path, MAX_PATH)] : errors;
}

const MAX_PATH = 4095;

export function validateSeccomp(profile: SeccompProfile | undefined, at: string): FieldError[] {
  if (!profile) return [];
  const types = ['Localhost', 'RuntimeDefault', 'Unconfined'];
  const errors = !profile.type ? [required(`${at}.type`, 'type is required when seccompProfile is set')] : types.includes(profile.type) ? [] : [unsupported(`${at}.type`, profile.type, types)];
  const { localhostProfile } = profile;
  if (profile.type !== 'Localhost') return localhostProfile === undefined ? errors : [...errors, invalid(`${at}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost')];
  return [...errors, ...(localhostProfile === undefined ? [required(`${at}.localhostProfile`, 'must be set when seccomp type is Localhost')] : descendingPath(localhostProfile, `${at}.localhostProfile`))];
}
