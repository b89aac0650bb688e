import type { FieldError } from '../../errors.ts';
import type { FlowSchema, PolicyRulesWithSubjects, PriorityLevelConfiguration, QueuingConfiguration, ResourcePolicyRule, Subject } from '../../types/flowcontrol.v1.ts';
import { each, forbidden, invalid, invalidEach, oneOf, required, unsupported } from '../../validation/field.ts';
import { dns1123Label, dns1123Subdomain } from '../../validation/formats.ts';

/** Validation of flow schemas and priority levels: pkg/apis/flowcontrol/validation/validation.go. */
export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const at = 'spec.matchingPrecedence';
  const { matchingPrecedence: precedence = 0, distinguisherMethod } = spec;
  const level = spec.priorityLevelConfiguration?.name;
  return [
    ...(precedence <= 0 ? [invalid(at, precedence, 'must be a positive value')] : []),
    ...(precedence > 10_000 ? [invalid(at, precedence, 'must not be greater than 10000')] : []),
    ...(precedence === 1 && metadata.name !== 'exempt' ? [invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")] : []),
    ...(distinguisherMethod ? oneOf('spec.distinguisherMethod.type', distinguisherMethod.type, ['ByNamespace', 'ByUser']) : []),
    ...(level ? invalidEach('spec.priorityLevelConfiguration.name', level, dns1123Subdomain(level)) : [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')]),
    ...each(spec.rules, 'spec.rules', validateRules),
  ];
}

function validateRules({ subjects, resourceRules = [], nonResourceRules = [] }: PolicyRulesWithSubjects, at: string): FieldError[] {
  return [
    ...((subjects ?? []).length > 0 ? each(subjects, `${at}.subjects`, validateSubject) : [required(`${at}.subjects`, 'subjects must contain at least one value')]),
    ...(resourceRules.length + nonResourceRules.length === 0 ? [required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty')] : []),
    ...each(resourceRules, `${at}.resourceRules`, validateResourceRule),
    ...each(nonResourceRules, `${at}.nonResourceRules`, ({ verbs, nonResourceURLs }, path) => [
      ...validateVerbs(verbs, `${path}.verbs`),
      ...listed(nonResourceURLs, `${path}.nonResourceURLs`, 'nonResourceURLs must contain at least one value', 'non-resource URLs'),
      ...(nonResourceURLs?.includes('*') ? [] : each(nonResourceURLs, `${path}.nonResourceURLs`, validateUrl)),
    ]),
  ];
}

const SUBJECTS = { ServiceAccount: 'serviceAccount', User: 'user', Group: 'group' } as const;

function validateSubject(subject: Subject, at: string): FieldError[] {
  const { kind, serviceAccount } = subject;
  if (!Object.hasOwn(SUBJECTS, kind)) return [unsupported(`${at}.kind`, kind ?? '', Object.keys(SUBJECTS).sort())];
  const own = SUBJECTS[kind as keyof typeof SUBJECTS];
  const said = subject[own];
  const others = Object.entries(SUBJECTS).filter(([name, field]) => name !== kind && subject[field]).map(([name, field]) => forbidden(`${at}.${field}`, `${field} is forbidden when subject kind is not '${name}'`));
  if (!said) return [required(`${at}.${own}`, `${own} is required when subject kind is '${kind}'`), ...others];
  const { name = '' } = said;
  const errors = name === '' ? [required(`${at}.${own}.name`)] : own === 'serviceAccount' && name !== '*' ? invalidEach(`${at}.${own}.name`, name, dns1123Subdomain(name)) : [];
  if (own !== 'serviceAccount') return [...errors, ...others];
  const namespace = serviceAccount?.namespace ?? '';
  return [...errors, ...(namespace === '' ? [required(`${at}.${own}.namespace`, 'must specify namespace for service account')] : invalidEach(`${at}.${own}.namespace`, namespace, dns1123Label(namespace))), ...others];
}

function validateResourceRule({ verbs, apiGroups, resources, namespaces = [], clusterScope }: ResourcePolicyRule, at: string): FieldError[] {
  return [
    ...validateVerbs(verbs, `${at}.verbs`),
    ...listed(apiGroups, `${at}.apiGroups`, 'resource rules must supply at least one api group', 'api groups'),
    ...listed(resources, `${at}.resources`, 'resource rules must supply at least one resource', 'resources'),
    ...(namespaces.length === 0 && clusterScope ? [] : listed(namespaces, `${at}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace', 'namespaces')),
    ...(namespaces.includes('*') ? [] : each(namespaces, `${at}.namespaces`, (name, path) => invalidEach(path, name, dns1123Label(name).map((text) => `each member of this list must be '*' or a DNS-1123 label; ${text}`)))),
  ];
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

function validateVerbs(verbs: readonly string[] | undefined, at: string): FieldError[] {
  const errors = listed(verbs, at, 'verbs must contain at least one value', 'verbs');
  return errors.length > 0 || verbs!.includes('*') || verbs!.every((verb) => VERBS.includes(verb)) ? errors : [unsupported(at, verbs, VERBS)];
}

/** Something must be listed, and `*` alone. */
function listed(items: readonly string[] | undefined, at: string, missing: string, others: string): FieldError[] {
  if (!items || items.length === 0) return [required(at, missing)];
  return items.length > 1 && items.includes('*') ? [invalid(at, items, `if '*' is present, must not specify other ${others}`)] : [];
}

function validateUrl(url: string, at: string): FieldError[] {
  if (url === '/') return [];
  const wrong = url === '' ? 'must not be empty'
    : !url.startsWith('/') ? 'must start with slash'
    : url.includes(' ') ? 'must not contain white-space'
    : url.includes('//') ? 'must not contain double slash'
    : /\*./.test(url) || /[^/]\*$/.test(url) ? 'wildcard can only do suffix matching' : undefined;
  return wrong === undefined ? [] : [invalid(at, url, wrong)];
}

export function validatePriorityLevel({ metadata, spec }: PriorityLevelConfiguration): FieldError[] {
  const { type, limited, exempt } = spec;
  const errors = (metadata.name === 'exempt') === (type === 'Exempt') ? [] : [invalid('spec.type', type, "type must be 'Exempt' if and only if name is 'exempt'")];
  if (type !== 'Exempt' && type !== 'Limited') return [...errors, ...oneOf('spec.type', type, ['Exempt', 'Limited'])];
  if (type === 'Exempt') return limited ? [...errors, forbidden('spec.limited', 'must be nil if the type is not Limited')] : errors;
  if (exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
  if (!limited) return [...errors, required('spec.limited', 'must not be empty when type is Limited')];
  const { nominalConcurrencyShares: shares = 0, lendablePercent: lendable = 0, borrowingLimitPercent: borrowing = 0, limitResponse } = limited;
  if (shares < 0) errors.push(invalid('spec.limited.nominalConcurrencyShares', shares, 'must be a non-negative integer'));
  if (lendable < 0 || lendable > 100) errors.push(invalid('spec.limited.lendablePercent', lendable, 'must be between 0 and 100, inclusive'));
  if (borrowing < 0) errors.push(invalid('spec.limited.borrowingLimitPercent', borrowing, 'if specified, must be a non-negative integer'));
  const at = 'spec.limited.limitResponse';
  if (limitResponse?.type === 'Reject') return limitResponse.queuing ? [...errors, forbidden(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')] : errors;
  if (limitResponse?.type !== 'Queue') return [...errors, ...oneOf(`${at}.type`, limitResponse?.type ?? '', ['Queue', 'Reject'])];
  return [...errors, ...(limitResponse.queuing ? validateQueuing(limitResponse.queuing, `${at}.queuing`) : [required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')])];
}

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration, at: string): FieldError[] {
  return [
    ...(queueLengthLimit <= 0 ? [invalid(`${at}.queueLengthLimit`, queueLengthLimit, 'must be positive')] : []),
    ...(queues <= 0 ? [invalid(`${at}.queues`, queues, 'must be positive')] : []),
    ...(queues > 10_000_000 ? [invalid(`${at}.queues`, queues, 'must not be greater than 10000000')] : []),
    ...(handSize <= 0 ? [invalid(`${at}.handSize`, handSize, 'must be positive')] : []),
    ...(handSize > queues ? [invalid(`${at}.handSize`, handSize, `should not be greater than queues (${queues})`)] : []),
  ];
}
