import type { FieldError } from '../../errors.ts';
import { equalJson } from '../../json.ts';
import type { CustomResourceColumnDefinition, CustomResourceDefinition, CustomResourceDefinitionVersion, CustomResourceSubresources } from '../../types/apiextensions.v1.ts';
import { each, invalid, oneOf, required, tooLong, unsupported } from '../../validation/field.ts';
import { dns1035Label, dns1123Subdomain } from '../../validation/formats.ts';
import { immutable } from '../../validation/immutable.ts';
import { validateSelectableFields } from './selectable-fields.ts';
import { validateStructuralSchema } from './structural-schema.ts';

/** Validation of definitions: apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go. */
export function validateDefinition(definition: CustomResourceDefinition): FieldError[] {
  const { spec, metadata, status } = definition;
  const { group = '', names, versions = [], scope } = spec;
  const expected = `${names?.plural ?? ''}.${group}`;
  return [
    ...(metadata.name === expected ? [] : [invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...validateGroup(group),
    ...(scope ? oneOf('spec.scope', scope, ['Cluster', 'Namespaced']) : [required('spec.scope')]),
    ...(spec.preserveUnknownFields ? [invalid('spec.preserveUnknownFields', true, 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead')] : []),
    ...each(versions, 'spec.versions', validateVersion).map((error) => whereAllAgree(error, versions)),
    ...(new Set(versions.map((v) => v.name)).size < versions.length ? [invalid('spec.versions', versions.map((v) => v.name), 'must contain unique version names')] : []),
    ...(versions.filter((v) => v.storage).length === 1 ? [] : [invalid('spec.versions', versions.map((v) => v.name), 'must have exactly one version marked as storage version')]),
    ...validateNames(spec.names ?? { plural: '', kind: '' }),
    ...validateConversion(definition),
    ...validateStoredVersions(status?.storedVersions ?? [], versions),
    ...validateApproval(definition),
  ];
}

/** What all versions say alike upstream keeps once, and complains of there (apiextensions/v1/conversion.go). */
function whereAllAgree(error: FieldError, versions: readonly CustomResourceDefinitionVersion[]): FieldError {
  const found = /^spec\.versions\[(\d+)\]\.(schema|subresources|additionalPrinterColumns|selectableFields)\b(.*)$/.exec(error.field);
  if (!found) return error;
  const [, index, part, rest] = found as unknown as [string, string, 'schema' | 'subresources' | 'additionalPrinterColumns' | 'selectableFields', string];
  const version = versions[Number(index)]!;
  const said = part === 'schema' && !version.schema?.openAPIV3Schema ? undefined : version[part];
  if (said === undefined || !versions.every((other) => equalJson(other[part], said))) return error;
  return { ...error, field: `spec.${part === 'schema' ? 'validation' : part}${rest}` };
}

function validateGroup(group: string): FieldError[] {
  if (group === '') return [required('spec.group')];
  const bad = dns1123Subdomain(group);
  if (bad.length > 0) return [invalid('spec.group', group, bad.join(','))];
  return group.includes('.') ? [] : [invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function label(value: string, at: string, note = ''): FieldError[] {
  const bad = dns1035Label(note === '' ? value : value.toLowerCase());
  return value !== '' && bad.length > 0 ? [invalid(at, value, note + bad.join(','))] : [];
}

function validateNames(names: CustomResourceDefinition['spec']['names']): FieldError[] {
  const { plural = '', singular = '', kind = '', listKind = '', shortNames, categories } = names;
  const at = 'spec.names';
  const mixed = 'may have mixed case, but should otherwise match: ';
  return [
    ...Object.entries({ plural, singular, kind, listKind }).flatMap(([field, value]) => (value === '' ? [required(`${at}.${field}`)] : [])),
    ...label(plural, `${at}.plural`),
    ...label(singular, `${at}.singular`),
    ...label(kind, `${at}.kind`, mixed),
    ...label(listKind, `${at}.listKind`, mixed),
    ...each(shortNames, `${at}.shortNames`, (name, path) => label(name, path)),
    ...(kind !== '' && kind === listKind ? [invalid(`${at}.listKind`, listKind, 'kind and listKind may not be the same')] : []),
    ...each(categories, `${at}.categories`, (name, path) => label(name, path)),
  ];
}

function validateVersion(version: CustomResourceDefinitionVersion, at: string): FieldError[] {
  const { name = '', schema, deprecated, deprecationWarning } = version;
  const bad = dns1035Label(name);
  const errors = bad.length > 0 ? [invalid(`${at}.name`, name, bad.join(','))] : [];
  if (deprecationWarning !== undefined) {
    if (!deprecated) errors.push(invalid(`${at}.deprecationWarning`, deprecationWarning, 'can only be set for deprecated versions'));
    if (deprecationWarning === '') errors.push(invalid(`${at}.deprecationWarning`, deprecationWarning, 'must not be empty'));
    if (Buffer.byteLength(deprecationWarning) > 256) errors.push(tooLong(`${at}.deprecationWarning`, 256));
  }
  const path = `${at}.schema.openAPIV3Schema`;
  errors.push(...(schema?.openAPIV3Schema ? validateStructuralSchema(schema.openAPIV3Schema, path) : [required(path, 'schemas are required')]));
  return [...errors, ...validateSubresources(version.subresources, `${at}.subresources`), ...each(version.additionalPrinterColumns, `${at}.additionalPrinterColumns`, validateColumn),
    ...validateSelectableFields(version.selectableFields, schema?.openAPIV3Schema, `${at}.selectableFields`)];
}

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function validateColumn({ name, type, format, jsonPath }: CustomResourceColumnDefinition, at: string): FieldError[] {
  return [
    ...(name ? [] : [required(`${at}.name`)]),
    ...(!type ? [required(`${at}.type`, `must be one of ${COLUMN_TYPES.join(',')}`)] : COLUMN_TYPES.includes(type) ? [] : [invalid(`${at}.type`, type, `must be one of ${COLUMN_TYPES.join(',')}`)]),
    ...(format && !COLUMN_FORMATS.includes(format) ? [invalid(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`)] : []),
    ...(jsonPath ? simpleJsonPath(jsonPath, `${at}.JSONPath`) : [required(`${at}.JSONPath`)]),
  ];
}

/** Paths of columns and of scale: a dot, and names and subscripts after it. */
function simpleJsonPath(path: string, at: string): FieldError[] {
  if (!path.startsWith('.')) return [invalid(at, path, 'must be a simple json path starting with .')];
  return /[{}]/.test(path) ? [invalid(at, path, 'is an invalid path: unexpected brace')] : [];
}

function validateSubresources(subresources: CustomResourceSubresources | undefined, at: string): FieldError[] {
  const { scale } = subresources ?? {};
  if (!scale) return [];
  const path = (value: string | undefined, field: string, under: readonly string[], text: string): FieldError[] => {
    const bad = simpleJsonPath(value ?? '', `${at}.scale.${field}`);
    return bad.length > 0 || under.some((prefix) => value!.startsWith(prefix)) ? bad : [invalid(`${at}.scale.${field}`, value, text)];
  };
  return [
    ...(scale.specReplicasPath ? path(scale.specReplicasPath, 'specReplicasPath', ['.spec.'], 'should be a json path under .spec') : [required(`${at}.scale.specReplicasPath`)]),
    ...(scale.statusReplicasPath ? path(scale.statusReplicasPath, 'statusReplicasPath', ['.status.'], 'should be a json path under .status') : [required(`${at}.scale.statusReplicasPath`)]),
    ...(scale.labelSelectorPath ? path(scale.labelSelectorPath, 'labelSelectorPath', ['.spec.', '.status.'], 'should be a json path under either .spec or .status') : []),
  ];
}

function validateConversion({ spec }: CustomResourceDefinition): FieldError[] {
  const at = 'spec.conversion';
  const { strategy, webhook } = spec.conversion ?? { strategy: 'None' };
  if (!strategy) return [required(`${at}.strategy`)];
  if (strategy === 'None') return webhook ? [{ ...required(`${at}.webhook`), type: 'FieldValueForbidden', detail: 'Forbidden: should not be set when strategy is not set to Webhook' }] : [];
  if (strategy !== 'Webhook') return [unsupported(`${at}.strategy`, strategy, ['None', 'Webhook'])];
  const { url, service } = webhook?.clientConfig ?? {};
  const errors = webhook?.clientConfig ? [] : [required(`${at}.webhookClientConfig`, 'required when strategy is set to Webhook')];
  if (webhook?.clientConfig && (url === undefined) === (service === undefined)) errors.push(required(`${at}.webhookClientConfig`, 'exactly one of url or service is required'));
  if ((webhook?.conversionReviewVersions ?? []).length === 0) errors.push(required(`${at}.conversionReviewVersions`));
  return errors;
}

function validateStoredVersions(stored: readonly string[], versions: readonly CustomResourceDefinitionVersion[]): FieldError[] {
  const at = 'status.storedVersions';
  if (stored.length === 0) return [invalid(at, stored, 'must have at least one stored version')];
  return [
    ...versions.filter((v) => v.storage && !stored.includes(v.name)).map((v) => invalid(at, stored, `must have the storage version ${v.name}`)),
    ...each(stored, at, (name, path) => (versions.some((v) => v.name === name)
      ? []
      : [invalid(path, name, `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`)])),
  ];
}

const APPROVED = 'api-approved.kubernetes.io';

/** Kubernetes' own groups are not for everyone. */
function validateApproval({ spec, metadata }: CustomResourceDefinition): FieldError[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(spec.group ?? '')) return [];
  const value = metadata.annotations?.[APPROVED] ?? '';
  const at = `metadata.annotations[${APPROVED}]`;
  const see = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (value === '') return [required(at, `protected groups must have approval annotation "${APPROVED}", ${see}`)];
  if (value.startsWith('unapproved')) return [];
  return URL.canParse(value) ? [] : [invalid(at, value, `protected groups must have approval annotation "${APPROVED}" with either a URL or a reason starting with "unapproved", ${see}`)];
}

/** What names a resource stays once it is served. */
export function validateDefinitionUpdate(next: CustomResourceDefinition, old: CustomResourceDefinition): FieldError[] {
  const established = old.status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True');
  return [
    ...(established ? [...immutable(next.spec.scope, old.spec.scope, 'spec.scope'), ...immutable(next.spec.names?.kind, old.spec.names?.kind, 'spec.names.kind')] : []),
    ...immutable(next.spec.group, old.spec.group, 'spec.group'),
    ...immutable(next.spec.names?.plural, old.spec.names?.plural, 'spec.names.plural'),
  ];
}
