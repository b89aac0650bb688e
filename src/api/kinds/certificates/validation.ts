import type { FieldError } from '../../errors.ts';
import type { CertificateSigningRequest } from '../../types/certificates.v1.ts';
import { each, invalid, oneOf, required, unique } from '../../validation/field.ts';
import { dns1123Subdomain } from '../../validation/formats.ts';

const USAGES = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only',
  'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
];

/** Validation of signing requests: pkg/apis/certificates/validation/validation.go. */
export function validateSigningRequest({ spec, status }: CertificateSigningRequest): FieldError[] {
  const usages: readonly string[] = spec.usages ?? [];
  const conditions = status?.conditions ?? [];
  const decided = new Set(conditions.map((c) => c.type));
  return [
    ...(isRequest(spec.request) ? [] : [invalid('spec.request', spec.request ?? '', "PEM block type must be CERTIFICATE REQUEST")]),
    ...(usages.length === 0 ? [required('spec.usages')] : each(usages, 'spec.usages', (usage, at) => oneOf(at, usage, USAGES))),
    ...unique(usages, (usage) => usage, (i) => `spec.usages[${i}]`),
    ...signerName(spec.signerName, 'spec.signerName'),
    ...(spec.expirationSeconds !== undefined && spec.expirationSeconds < 600 ? [invalid('spec.expirationSeconds', spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)')] : []),
    ...each(conditions, 'status.conditions', (condition, at) => (condition.type ? [] : [required(`${at}.type`)])),
    ...unique(conditions, (condition) => condition.type, (i) => `status.conditions[${i}].type`),
    ...(decided.has('Approved') && decided.has('Denied') ? [invalid('status.conditions', 'Denied', 'Approved and Denied conditions are mutually exclusive')] : []),
  ];
}

function isRequest(base64: string | undefined): boolean {
  const pem = Buffer.from(base64 ?? '', 'base64').toString('latin1');
  return /-----BEGIN (NEW )?CERTIFICATE REQUEST-----[\s\S]+-----END (NEW )?CERTIFICATE REQUEST-----/.test(pem);
}

/** `example.com/signer`. */
function signerName(name: string | undefined, at: string): FieldError[] {
  if (!name) return [required(at)];
  if (name === 'kubernetes.io/legacy-unknown') return [invalid(at, name, 'the legacy signerName is not allowed via this API version')];
  const [domain = '', path, ...rest] = name.split('/');
  if (path === undefined || rest.length > 0) return [invalid(at, name, 'must be a fully qualified domain and path of the form \'example.com/signer-name\'')];
  const bad = [...dns1123Subdomain(domain), ...dns1123Subdomain(path)];
  return [...bad.map((text) => invalid(at, name, `validating label: ${text}`)), ...(domain.includes('.') ? [] : [invalid(at, name, 'should be a domain with at least two segments separated by dots')])];
}
