import type { FieldError } from '../../errors.ts';
import type { MatchCondition, MatchResources, MutatingWebhook, MutatingWebhookConfiguration, Rule, RuleWithOperations, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, ValidatingWebhook, ValidatingWebhookConfiguration } from '../../types/admissionregistration.v1.ts';
import { duplicate, each, forbidden, invalid, invalidEach, oneOf, required, unique } from '../../validation/field.ts';
import { dns1123Subdomain, qualifiedName } from '../../validation/formats.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';

/** Validation of webhook configurations: pkg/apis/admissionregistration/validation/validation.go. Expressions are not compiled here. */
export function validateWebhooks({ webhooks }: MutatingWebhookConfiguration | ValidatingWebhookConfiguration): FieldError[] {
  const names = new Set<string>();
  return each(webhooks as readonly (MutatingWebhook | ValidatingWebhook)[] | undefined, 'webhooks', (webhook, at) => {
    const errors = validateWebhook(webhook, at);
    if (names.has(webhook.name)) errors.push(duplicate(`${at}.name`, webhook.name));
    names.add(webhook.name);
    return errors;
  });
}

function validateWebhook(webhook: MutatingWebhook | ValidatingWebhook, at: string): FieldError[] {
  const { admissionReviewVersions: versions = [], timeoutSeconds: seconds, sideEffects } = webhook;
  const errors = fullyQualified(webhook.name, `${at}.name`);
  if (versions.length === 0) errors.push(required(`${at}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
  else if (!versions.includes('v1') && !versions.includes('v1beta1')) errors.push(invalid(`${at}.admissionReviewVersions`, versions, 'must include at least one of v1, v1beta1'));
  errors.push(...each(webhook.rules, `${at}.rules`, validateRule));
  if (webhook.failurePolicy !== undefined) errors.push(...oneOf(`${at}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']));
  if (webhook.matchPolicy !== undefined) errors.push(...oneOf(`${at}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']));
  errors.push(...(sideEffects ? oneOf(`${at}.sideEffects`, sideEffects, ['None', 'NoneOnDryRun']) : [required(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun')]));
  if (seconds !== undefined && (seconds > 30 || seconds < 1)) errors.push(invalid(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'));
  errors.push(...validateLabelSelector(webhook.namespaceSelector, `${at}.namespaceSelector`), ...validateLabelSelector(webhook.objectSelector, `${at}.objectSelector`));
  if ('reinvocationPolicy' in webhook && webhook.reinvocationPolicy !== undefined) errors.push(...oneOf(`${at}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']));
  return [...errors, ...validateClient(webhook, `${at}.clientConfig`), ...validateConditions(webhook.matchConditions, `${at}.matchConditions`)];
}

function validateClient({ clientConfig }: MutatingWebhook | ValidatingWebhook, at: string): FieldError[] {
  const { url, service } = clientConfig ?? {};
  if ((url === undefined) === (service === undefined)) return [required(at, 'exactly one of url or service is required')];
  if (url !== undefined) {
    if (!url.startsWith('https://')) return [invalid(`${at}.url`, url.split(':', 1)[0], "'https' is the only allowed URL scheme; desired format: https://host[/path]")];
    const query = /^[^?#]*\?([^#]+)/.exec(url)?.[1];
    const fragment = /#(.+)$/.exec(url)?.[1];
    return [
      ...(fragment === undefined ? [] : [invalid(`${at}.url`, fragment, 'fragments are not permitted in the URL')]),
      ...(query === undefined ? [] : [invalid(`${at}.url`, query, 'query parameters are not permitted in the URL')]),
    ];
  }
  return [
    ...(service!.name ? [] : [required(`${at}.service.name`, 'service name is required')]),
    ...(service!.namespace ? [] : [required(`${at}.service.namespace`, 'service namespace is required')]),
  ];
}

function fullyQualified(name: string | undefined, at: string): FieldError[] {
  if (!name) return [required(at)];
  const bad = dns1123Subdomain(name);
  if (bad.length > 0) return [invalid(at, name, bad.join(','))];
  return name.split('.').length < 3 ? [invalid(at, name, 'should be a domain with at least three segments separated by dots')] : [];
}

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];

function validateRule(rule: RuleWithOperations, at: string): FieldError[] {
  const { operations = [] } = rule;
  return [
    ...alone(operations, `${at}.operations`, 'operations'),
    ...each(operations, `${at}.operations`, (operation, path) => oneOf(path, operation, OPERATIONS)),
    ...validateTargets(rule, at),
  ];
}

function validateTargets(rule: Rule, at: string): FieldError[] {
  return [
    ...alone(rule.apiGroups, `${at}.apiGroups`, 'API groups'),
    ...alone(rule.apiVersions, `${at}.apiVersions`, 'API versions'),
    ...validateResources(rule.resources ?? [], `${at}.resources`),
    ...(rule.scope === undefined ? [] : oneOf(`${at}.scope`, rule.scope, ['*', 'Cluster', 'Namespaced'])),
  ];
}

/** `*` covers every resource, and every resource's subresources with `*` + `/*`; what is covered is not said again. */
function validateResources(resources: readonly string[], at: string): FieldError[] {
  if (resources.length === 0) return [required(at)];
  if (resources.includes('*/*') && resources.length > 1) return [invalid(at, resources, "if '*/*' is present, must not specify other resources")];
  const others = resources.filter((resource) => resource !== '*' && !resource.includes('/'));
  return resources.includes('*') && others.length > 0 ? [invalid(at, resources, "if '*' is present, must not specify other resources without subresources")] : [];
}

/** Conditions under which a request is looked at at all; each has a name of its own. */
function validateConditions(conditions: readonly MatchCondition[] | undefined, at: string): FieldError[] {
  return [
    ...each(conditions, at, ({ name, expression }, path) => [
      ...(expression?.trim() ? [] : [required(`${path}.expression`)]),
      ...(name ? invalidEach(`${path}.name`, name, qualifiedName(name)) : [required(`${path}.name`)]),
    ]),
    ...unique(conditions, ({ name }) => name, (i) => `${at}[${i}].name`),
  ];
}

/** A list that must not be empty, and in which `*` stands alone. */
function alone(list: readonly string[] | undefined, at: string, what: string): FieldError[] {
  if ((list ?? []).length === 0) return [required(at)];
  return list!.length > 1 && list!.includes('*') ? [invalid(at, list, `if '*' is present, must not specify other ${what}`)] : [];
}

/** Validation of admission policies; what their CEL expressions say, whoever runs them finds out. */
export function validatePolicy({ spec, metadata }: ValidatingAdmissionPolicy): FieldError[] {
  const { matchConstraints, validations = [], auditAnnotations = [], paramKind, failurePolicy } = spec;
  return [
    ...(failurePolicy === undefined ? [] : oneOf('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore'])),
    ...(paramKind ? [...(paramKind.apiVersion ? [] : [required('spec.paramKind.apiVersion')]), ...(paramKind.kind ? [] : [required('spec.paramKind.kind')])] : []),
    ...(matchConstraints ? [...((matchConstraints.resourceRules ?? []).length === 0 ? [required('spec.matchConstraints.resourceRules')] : []), ...validateMatch(matchConstraints, 'spec.matchConstraints')] : [required('spec.matchConstraints')]),
    ...(validations.length + auditAnnotations.length === 0 ? ['validations', 'auditAnnotations'].map((field) => required(`spec.${field}`, 'validations or auditAnnotations must contain at least one item')) : []),
    ...each(validations, 'spec.validations', ({ expression, message, reason }, at) => [
      ...(expression?.trim() ? [] : [required(`${at}.expression`, 'expression is not specified')]),
      ...(message?.includes('\n') ? [invalid(`${at}.message`, message, 'message must not contain line breaks')] : []),
      ...(reason === undefined ? [] : oneOf(`${at}.reason`, reason, ['Forbidden', 'Invalid', 'RequestEntityTooLarge'])),
    ]),
    ...each(spec.variables, 'spec.variables', ({ name, expression }, at) => [
      ...(!name ? [required(`${at}.name`, 'name is not specified')] : /^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name) ? [] : [invalid(`${at}.name`, name, 'name is not a valid CEL identifier')]),
      ...(expression?.trim() ? [] : [required(`${at}.expression`, 'expression is not specified')]),
    ]),
    ...each(auditAnnotations, 'spec.auditAnnotations', ({ key = '', valueExpression }, at) => [
      ...invalidEach(`${at}.key`, `${metadata.name}/${key}`, qualifiedName(`${metadata.name}/${key}`)),
      ...(valueExpression?.trim() ? [] : [required(`${at}.valueExpression`, 'valueExpression is not specified')]),
    ]),
    ...validateConditions(spec.matchConditions, 'spec.matchConditions'),
    ...unique(spec.variables, (variable) => variable.name, (i) => `spec.variables[${i}].name`),
  ];
}

export function validatePolicyBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const actions = spec.validationActions ?? [];
  const at = 'spec.validationActions';
  const { paramRef } = spec;
  return [
    ...(spec.policyName ? [] : [required('spec.policyName')]),
    ...(paramRef && !paramRef.name && !paramRef.selector ? [required('spec.paramRef', 'one of name or selector must be specified')] : []),
    ...(paramRef?.name && paramRef.selector ? [forbidden('spec.paramRef.selector', 'name and selector are mutually exclusive')] : []),
    ...(paramRef ? (paramRef.parameterNotFoundAction ? oneOf('spec.paramRef.parameterNotFoundAction', paramRef.parameterNotFoundAction, ['Deny', 'Allow']) : [required('spec.paramRef.parameterNotFoundAction')]) : []),
    ...(spec.matchResources ? validateMatch(spec.matchResources, 'spec.matchResources') : []),
    ...(actions.length === 0 ? [required(at, 'at least one validation action is required')] : each(actions, at, (action, path) => oneOf(path, action, ['Audit', 'Deny', 'Warn']))),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [invalid(at, actions, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)')] : []),
  ];
}

function validateMatch(match: MatchResources, at: string): FieldError[] {
  return [
    ...validateLabelSelector(match.namespaceSelector, `${at}.namespaceSelector`),
    ...validateLabelSelector(match.objectSelector, `${at}.objectSelector`),
    ...(match.matchPolicy === undefined ? [] : oneOf(`${at}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact'])),
    ...each(match.resourceRules, `${at}.resourceRules`, validateRule),
    ...each(match.excludeResourceRules, `${at}.excludeResourceRules`, validateRule),
  ];
}
