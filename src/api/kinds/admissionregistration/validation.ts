import type { FieldError } from '../../errors.ts';
import type { MutatingWebhook, MutatingWebhookConfiguration, Rule, RuleWithOperations, ValidatingWebhook, ValidatingWebhookConfiguration } from '../../types/admissionregistration.v1.ts';
import { duplicate, each, invalid, oneOf, required } from '../../validation/field.ts';
import { dns1123Subdomain } from '../../validation/formats.ts';
import { validateLabelSelector } from '../../validation/metadata.ts';

/** Validation of webhook configurations: pkg/apis/admissionregistration/validation/validation.go. */
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
  return [...errors, ...validateClient(webhook, `${at}.clientConfig`)];
}

function validateClient({ clientConfig }: MutatingWebhook | ValidatingWebhook, at: string): FieldError[] {
  const { url, service } = clientConfig ?? {};
  if ((url === undefined) === (service === undefined)) return [required(at, 'exactly one of url or service is required')];
  if (url !== undefined) {
    return url.startsWith('https://') ? [] : [invalid(`${at}.url`, url.split(':', 1)[0], "'https' is the only allowed URL scheme; desired format: https://host[/path]")];
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
    ...((rule.resources ?? []).length === 0 ? [required(`${at}.resources`)] : []),
    ...(rule.scope === undefined ? [] : oneOf(`${at}.scope`, rule.scope, ['*', 'Cluster', 'Namespaced'])),
  ];
}

/** A list that must not be empty, and in which `*` stands alone. */
function alone(list: readonly string[] | undefined, at: string, what: string): FieldError[] {
  if ((list ?? []).length === 0) return [required(at)];
  return list!.length > 1 && list!.includes('*') ? [invalid(at, list, `if '*' is present, must not specify other ${what}`)] : [];
}
