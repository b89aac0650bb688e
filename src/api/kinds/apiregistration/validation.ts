import type { FieldError } from '../../errors.ts';
import type { APIService } from '../../types/apiregistration.v1.ts';
import { forbidden, invalid, invalidEach, required } from '../../validation/field.ts';
import { dns1035Label, dns1123Subdomain, portNumber } from '../../validation/formats.ts';

/** Validation of API services: kube-aggregator pkg/apis/apiregistration/validation. */
export function validateAPIService({ metadata, spec }: APIService): FieldError[] {
  const { group = '', version = '', groupPriorityMinimum: groupPriority = 0, versionPriority = 0, service, insecureSkipTLSVerify, caBundle } = spec;
  const name = `${version}.${group}`;
  const errors: FieldError[] = metadata.name === name ? [] : [invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`)];
  if (group !== '') errors.push(...invalidEach('spec.group', group, dns1123Subdomain(group)));
  errors.push(...invalidEach('spec.version', version, dns1035Label(version)));
  if (groupPriority <= 0 || groupPriority > 20_000) errors.push(invalid('spec.groupPriorityMinimum', groupPriority, 'must be positive and less than 20000'));
  if (versionPriority <= 0 || versionPriority > 1000) errors.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'));
  if (!service) {
    if (caBundle) errors.push(invalid('spec.caBundle', `${Buffer.byteLength(caBundle, 'base64')} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify) errors.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  errors.push(...portNumber(service.port ?? 443).map((text) => invalid('spec.service.port', service.port, `port is not valid: ${text}`)));
  if (insecureSkipTLSVerify && caBundle) errors.push(forbidden('spec.insecureSkipTLSVerify', 'may not be true if caBundle is present'));
  return errors;
}
