import type { FieldError } from '../../errors.ts';
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass } from '../../types/networking.v1.ts';
import { each, forbidden, invalid, invalidEach, oneOf, required, tooLong, verbatim } from '../../validation/field.ts';
import { dns1035Label, dns1123Label, dns1123Subdomain, pathSegment, portName, portNumber, regexText, wildcardSubdomain } from '../../validation/formats.ts';
import { immutable } from '../../validation/immutable.ts';
import { ipAddress, ipFamily } from '../../validation/values.ts';

/** Validation of ingresses and their classes: pkg/apis/networking/validation/validation.go. */
export function validateIngress({ spec }: Ingress): FieldError[] {
  const { rules = [], defaultBackend, tls, ingressClassName } = spec;
  return [
    ...(rules.length === 0 && !defaultBackend ? [invalid('spec', verbatim('[]networking.IngressRule(nil)'), 'either `defaultBackend` or `rules` must be specified')] : []),
    ...(defaultBackend ? validateBackend(defaultBackend, 'spec.defaultBackend') : []),
    ...each(rules, 'spec.rules', ({ host, http }, at) => [
      ...(host ? validateHost(host, `${at}.host`) : []),
      ...(http ? [...((http.paths ?? []).length === 0 ? [required(`${at}.http.paths`)] : []), ...each(http.paths, `${at}.http.paths`, validatePath)] : []),
    ]),
    ...each(tls, 'spec.tls', ({ hosts, secretName }, at) => [
      ...each(hosts, `${at}.hosts`, (host, path) => invalidEach(path, host, host.includes('*') ? wildcardSubdomain(host) : dns1123Subdomain(host))),
      ...(secretName ? invalidEach(`${at}.secretName`, secretName, dns1123Subdomain(secretName)) : []),
    ]),
    ...(ingressClassName === undefined ? [] : invalidEach('spec.ingressClassName', ingressClassName, dns1123Subdomain(ingressClassName))),
  ];
}

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

export function validateNewIngress({ metadata, spec }: Ingress): FieldError[] {
  const old = metadata.annotations?.[CLASS_ANNOTATION];
  const both = old !== undefined && spec.ingressClassName !== undefined && old !== spec.ingressClassName;
  return both ? [invalid(`annotations.${CLASS_ANNOTATION}`, old, 'must match `ingressClassName` when both are specified')] : [];
}

function validateHost(host: string, at: string): FieldError[] {
  const address = ipFamily(host) === 0 ? [] : [invalid(at, host, 'must be a DNS name, not an IP address')];
  return [...address, ...invalidEach(at, host, host.includes('*') ? wildcardSubdomain(host) : dns1123Subdomain(host))];
}

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function validatePath(path: HTTPIngressPath, at: string): FieldError[] {
  const { pathType, path: text = '' } = path;
  if (!pathType) return [required(`${at}.pathType`, 'pathType must be specified')];
  const errors = oneOf(`${at}.pathType`, pathType, PATH_TYPES);
  const strict = pathType === 'Exact' || pathType === 'Prefix';
  if (errors.length === 0 && (strict || text !== '') && !text.startsWith('/')) errors.push(invalid(`${at}.path`, text, 'must be an absolute path'));
  if (strict) {
    for (const part of ['//', '/./', '/../', '%2f', '%2F']) if (text.includes(part)) errors.push(invalid(`${at}.path`, text, `must not contain '${part}'`));
    for (const end of ['/..', '/.']) if (text.endsWith(end)) errors.push(invalid(`${at}.path`, text, `cannot end with '${end}'`));
  }
  return [...errors, ...validateBackend(path.backend ?? {}, `${at}.backend`)];
}

function validateBackend({ service, resource }: IngressBackend, at: string): FieldError[] {
  if (service && resource) return [invalid(at, '', 'cannot set both resource and service backends')];
  if (resource) return validateTyped(resource, `${at}.resource`);
  if (!service) return [invalid(at, '', 'resource or service backend is required')];
  const errors = service.name ? invalidEach(`${at}.service.name`, service.name, dns1035Label(service.name)) : [required(`${at}.service.name`)];
  const { name, number } = service.port ?? {};
  if (name && number) errors.push(invalid(at, '', 'cannot set both port name & port number'));
  else if (name) errors.push(...invalidEach(`${at}.service.port.name`, name, portName(name)));
  else if (number) errors.push(...invalidEach(`${at}.service.port.number`, number, portNumber(number)));
  else errors.push(required(at, 'port name or number is required'));
  return errors;
}

function validateTyped(reference: { apiGroup?: string; kind: string; name: string }, at: string): FieldError[] {
  const field = (name: 'kind' | 'name') => (reference[name] ? invalidEach(`${at}.${name}`, reference[name], pathSegment(reference[name])) : [required(`${at}.${name}`, `${name} is required`)]);
  const { apiGroup } = reference;
  return [...(apiGroup === undefined ? [] : invalidEach(`${at}.apiGroup`, apiGroup, dns1123Subdomain(apiGroup))), ...field('kind'), ...field('name')];
}

export function validateIngressStatus({ status }: Ingress): FieldError[] {
  return each(status?.loadBalancer?.ingress, 'status.loadBalancer.ingress', ({ ip, hostname }, at) => [
    ...(ip ? ipAddress(ip, `${at}.ip`) : []),
    ...(hostname ? invalidEach(`${at}.hostname`, hostname, dns1123Subdomain(hostname)) : []),
  ]);
}

/** The annotation that came before spec.ingressClassName, and path types that mean what the controller likes. */
export function ingressWarnings({ metadata }: Ingress): string[] {
  return metadata.annotations?.[CLASS_ANNOTATION] === undefined ? [] : [`annotation "${CLASS_ANNOTATION}" is deprecated, please use 'spec.ingressClassName' instead`];
}

const LONGEST_CONTROLLER = 250;
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

export function validateIngressClass({ spec }: IngressClass): FieldError[] {
  const { controller = '', parameters } = spec;
  const errors = controller.length > LONGEST_CONTROLLER ? [tooLong('spec.controller', LONGEST_CONTROLLER)] : [];
  errors.push(...domainPrefixedPath(controller, 'spec.controller'));
  if (!parameters) return errors;
  const at = 'spec.parameters';
  errors.push(...validateTyped(parameters, at));
  if (parameters.scope === undefined) return [...errors, required(`${at}.scope`)];
  errors.push(...oneOf(`${at}.scope`, parameters.scope, ['Cluster', 'Namespace']));
  if (parameters.scope === 'Namespace') {
    const { namespace } = parameters;
    errors.push(...(namespace === undefined ? [required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'")] : invalidEach(`${at}.namespace`, namespace, dns1123Label(namespace))));
  }
  if (parameters.scope === 'Cluster' && parameters.namespace !== undefined) errors.push(forbidden(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"));
  return errors;
}

/** `acme.io/foo`. */
function domainPrefixedPath(text: string, at: string): FieldError[] {
  if (text === '') return [required(at)];
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) return [invalid(at, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  const [host, path] = [text.slice(0, slash), text.slice(slash + 1)];
  return [...invalidEach(at, host, dns1123Subdomain(host)), ...(new RegExp(`^${HTTP_PATH}$`).test(path) ? [] : [invalid(at, path, regexText('Invalid path', HTTP_PATH))])];
}

export const validateIngressClassUpdate = (next: IngressClass, old: IngressClass): FieldError[] => immutable(next.spec.controller, old.spec.controller, 'spec.controller');
