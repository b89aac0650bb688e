import type { FieldError } from '../../errors.ts';
import type { CustomResourceDefinitionVersion, JSONSchemaProps } from '../../types/apiextensions.v1.ts';
import { duplicate, invalid, required, tooMany } from '../../validation/field.ts';

const MOST = 8;

/** The fields that instances can be selected by: simple paths to texts, numbers and truth values (apiextensions-apiserver pkg/apis/apiextensions/validation ValidateCustomResourceSelectableFields). */
export function validateSelectableFields(fields: CustomResourceDefinitionVersion['selectableFields'], schema: JSONSchemaProps | undefined, at: string): FieldError[] {
  const seen = new Set<string>();
  const errors = (fields ?? []).flatMap(({ jsonPath }, i): FieldError[] => {
    const path = `${at}[${i}].jsonPath`;
    if (!jsonPath) return [required(path)];
    const found = follow(jsonPath, schema ?? {});
    if (typeof found === 'string') return [invalid(path, jsonPath, `is an invalid path: ${found}`)];
    const again = seen.has(jsonPath);
    seen.add(jsonPath);
    return [
      ...(/^\.metadata(\.|$)/.test(jsonPath) ? [invalid(path, jsonPath, 'must not point to fields in metadata')] : []),
      ...(['string', 'boolean', 'integer'].includes(found.type ?? '') ? [] : [invalid(path, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.')]),
      ...(again ? [duplicate(path, jsonPath)] : []),
    ];
  });
  return seen.size > MOST ? [...errors, tooMany(at, seen.size, MOST)] : errors;
}

/** The schema that a path leads to, or why it leads nowhere (pkg/apiserver/schema/cel ValidFieldPath). */
function follow(path: string, root: JSONSchemaProps): JSONSchemaProps | string {
  let schema = root;
  const tokens = path.match(/[.[\]]|[^.[\]]+/g) ?? [];
  for (let i = 0; i < tokens.length; i += 2) {
    if (tokens[i] === '[') return 'array notation is not allowed';
    if (tokens[i] !== '.') return `expected [ or . but got: ${tokens[i]}`;
    const name = tokens[i + 1];
    if (name === undefined) return 'unexpected end of JSON path';
    const { properties, additionalProperties } = schema;
    const next = properties ? (Object.hasOwn(properties, name) ? properties[name] : undefined) : additionalProperties;
    if (typeof next !== 'object' || next === null) return 'does not refer to a valid field';
    schema = next as JSONSchemaProps;
  }
  return schema;
}
