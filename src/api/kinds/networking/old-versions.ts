import type { ConvertedVersion } from '../../kind.ts';
import type { KubeObject } from '../../object.ts';
import type { Ingress, IngressBackend, IngressSpec } from '../../types/networking.v1.ts';
import type { Ingress as OldIngress, IngressBackend as OldBackend, IngressSpec as OldSpec } from '../../types/networking.v1beta1.ts';
import { convertedVersion, oldVersion } from '../conversion.ts';

/** Ingress before networking.k8s.io/v1 named its backends `serviceName` and `servicePort`: pkg/apis/{extensions,networking}/v1beta1/conversion.go. */

const STORED = { group: 'networking.k8s.io', version: 'v1' };

function newBackend(old: OldBackend): IngressBackend {
  const { serviceName, servicePort, ...rest } = old;
  if (!serviceName && servicePort === undefined) return rest;
  const port = typeof servicePort === 'string' ? { name: servicePort } : servicePort ? { number: servicePort } : {};
  return { ...rest, service: { name: serviceName ?? '', port } };
}

function oldBackend(backend: IngressBackend): OldBackend {
  const { service, ...rest } = backend;
  if (!service) return rest;
  const port = service.port?.name || service.port?.number;
  return { ...rest, ...(service.name && { serviceName: service.name }), servicePort: port ?? 0 };
}

const withRules = <B, C>(rules: readonly { http?: { paths?: { backend?: B }[] } }[] | undefined, convert: (backend: B) => C) =>
  rules?.map((rule) => (rule.http ? { ...rule, http: { ...rule.http, paths: (rule.http.paths ?? []).map((path) => ({ ...path, ...(path.backend && { backend: convert(path.backend) }) })) } } : rule));

function newSpec({ backend, rules, ...rest }: OldSpec): IngressSpec {
  return { ...rest, ...(backend && { defaultBackend: newBackend(backend) }), ...(rules && { rules: withRules(rules, newBackend) as IngressSpec['rules'] }) };
}

function oldSpec({ defaultBackend, rules, ...rest }: IngressSpec): OldSpec {
  return { ...rest, ...(defaultBackend && { backend: oldBackend(defaultBackend) }), ...(rules && { rules: withRules(rules, oldBackend) as OldSpec['rules'] }) };
}

const rules = {
  defaults: (ingress: OldIngress) => {
    for (const rule of ingress.spec?.rules ?? []) for (const path of rule.http?.paths ?? []) path.pathType ??= 'ImplementationSpecific';
  },
  toStorage: (ingress: OldIngress): Ingress => ({ ...ingress, spec: newSpec(ingress.spec ?? {}) }) as Ingress,
  fromStorage: (ingress: Ingress): OldIngress => ({ ...ingress, spec: oldSpec(ingress.spec ?? {}) }) as OldIngress,
};

export const oldIngresses: readonly ConvertedVersion[] = [
  convertedVersion(oldVersion('networking.k8s.io', 'v1beta1', 'networking/v1beta1', 'Ingress', '1.19', '1.22', STORED), STORED, rules),
  convertedVersion(oldVersion('extensions', 'v1beta1', 'extensions/v1beta1', 'Ingress', '1.14', '1.22', STORED), STORED, rules),
];

export const oldIngressClasses: readonly ConvertedVersion[] = [
  convertedVersion<KubeObject, KubeObject>(oldVersion('networking.k8s.io', 'v1beta1', 'networking/v1beta1', 'IngressClass', '1.19', '1.22', STORED), STORED),
];

export const oldNetworkPolicies: readonly ConvertedVersion[] = [
  convertedVersion<KubeObject, KubeObject>(oldVersion('extensions', 'v1beta1', 'extensions/v1beta1', 'NetworkPolicy', '1.9', '1.16', STORED), STORED),
];
