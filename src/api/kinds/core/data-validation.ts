import type { FieldError } from '../../errors.ts';
import type { ConfigMap, Secret } from '../../types/core.v1.ts';
import { forbidden, invalid, invalidEach, required, tooLong } from '../../validation/field.ts';
import { configMapKey } from '../../validation/formats.ts';
import { immutable, sameValue } from '../../validation/immutable.ts';

/** Validation of config maps and secrets: pkg/apis/core/validation/validation.go. Sizes are of the decoded values. */

const MOST_BYTES = 1024 * 1024;

const decodedBytes = (base64: string) => Buffer.byteLength(base64, 'base64');

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of Object.keys(data)) {
    errors.push(...invalidEach(`data[${key}]`, key, configMapKey(key)));
    if (Object.hasOwn(binaryData, key)) errors.push(invalid(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  for (const key of Object.keys(binaryData)) errors.push(...invalidEach(`binaryData[${key}]`, key, configMapKey(key)));
  const bytes = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0) + Object.values(binaryData).reduce((sum, value) => sum + decodedBytes(value), 0);
  return bytes > MOST_BYTES ? [...errors, tooLong('', MOST_BYTES)] : errors;
}

export function validateConfigMapUpdate(next: ConfigMap, old: ConfigMap): FieldError[] {
  return staysImmutable(next, old, ['data', 'binaryData']);
}

/** Data that is marked immutable stays, and the mark too. */
function staysImmutable<T extends ConfigMap | Secret>(next: T, old: T, fields: readonly (keyof T & string)[]): FieldError[] {
  if (!old.immutable) return [];
  const why = 'field is immutable when `immutable` is set';
  return [...(next.immutable ? [] : [forbidden('immutable', why)]), ...fields.filter((field) => !sameValue(next[field], old[field])).map((field) => forbidden(field, why))];
}

export function validateSecret(secret: Secret): FieldError[] {
  const { data = {} } = secret;
  const errors = Object.keys(data).flatMap((key) => invalidEach(`data[${key}]`, key, configMapKey(key)));
  const bytes = Object.values(data).reduce((sum, value) => sum + decodedBytes(value), 0);
  if (bytes > MOST_BYTES) errors.push(tooLong('data', MOST_BYTES));
  return [...errors, ...validateSecretType(secret, data)];
}

function validateSecretType(secret: Secret, data: Record<string, string>): FieldError[] {
  const needs = (...keys: string[]) => keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
  switch (secret.type) {
    case 'kubernetes.io/service-account-token':
      return secret.metadata.annotations?.['kubernetes.io/service-account.name'] ? [] : [required('metadata.annotations[kubernetes.io/service-account.name]')];
    case 'kubernetes.io/dockercfg':
      return dockerConfig('.dockercfg', data);
    case 'kubernetes.io/dockerconfigjson':
      return dockerConfig('.dockerconfigjson', data);
    case 'kubernetes.io/basic-auth':
      return data.username === undefined && data.password === undefined ? needs('username', 'password') : [];
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')];
    case 'kubernetes.io/tls':
      return needs('tls.crt', 'tls.key');
    default:
      return [];
  }
}

/** Docker's file must be a JSON object; what it holds is never shown. */
function dockerConfig(key: string, data: Record<string, string>): FieldError[] {
  const encoded = data[key];
  if (encoded === undefined) return [required(`data[${key}]`)];
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [];
    return [invalid(`data[${key}]`, '<secret contents redacted>', 'json: cannot unmarshal value into Go value of type map[string]interface {}')];
  } catch {
    return [invalid(`data[${key}]`, '<secret contents redacted>', 'invalid character in JSON')];
  }
}

export function validateSecretUpdate(next: Secret, old: Secret): FieldError[] {
  return [...immutable(next.type, old.type, 'type'), ...staysImmutable(next, old, ['data'])];
}
