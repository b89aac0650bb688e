import { Optional } from '@marcbachmann/cel-js';
import type { FieldError } from '../../errors.ts';
import { equalJson, isObject, own, type JsonObject } from '../../json.ts';
import type { ValidationRule } from '../../types/apiextensions.v1.ts';
import { invalid, required, verbatim, type Verbatim } from '../../validation/field.ts';
import { schemaOfKey, type StructuralSchema } from '../structural.ts';
import { checkUntyped, typeChecker } from './check.ts';
import { compileExpression, type Expression } from './environment.ts';
import { celValue } from './values.ts';

/**
 * Complaints about rules that mean nothing here, for a schema's own `x-kubernetes-validations`; `path` is where the schema stands, `resource` says that it is that of a whole resource. A rule that uses what
 * this server's CEL has not is refused with its text: none is ever passed over. Rules and texts: apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go.
 */
export function ruleProblems(schema: StructuralSchema, path: string, resource = false): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length === 0) return [];
  const check = typeChecker(schema, resource);
  const compileProblems = (text: string, type: string, optionalOldSelf: boolean): string[] => {
    const typed = check(text, optionalOldSelf);
    // What may only seem to be wrong, the untyped look decides.
    const found = 'problem' in typed || typed.type !== 'dyn' ? typed : checkUntyped(text);
    if ('problem' in found) return [`compilation failed: ${found.problem}`];
    const compiled = compileExpression(text);
    if (compiled instanceof Error) return [`compilation failed: ERROR: ${compiled.message}`];
    return found.type === type || found.type === 'dyn' ? [] : [type === 'bool' ? 'cel expression must evaluate to a bool' : 'messageExpression must evaluate to a string'];
  };
  return rules.flatMap((rule, i) => {
    const at = `${path}.x-kubernetes-validations[${i}]`;
    const { rule: text, message, messageExpression, optionalOldSelf } = rule;
    if (!text?.trim()) return [required(`${at}.rule`, 'rule is not specified')];
    return [
      ...(message !== undefined && message.trim() === '' ? [invalid(`${at}.message`, message, 'message must be non-empty if specified')] : []),
      ...(message?.trim().includes('\n') ? [invalid(`${at}.message`, message, 'message must not contain line breaks')] : []),
      ...(!message && text.trim().includes('\n') ? [required(`${at}.message`, 'message must be specified if rule contains line breaks')] : []),
      ...compileProblems(text, 'bool', optionalOldSelf === true).map((why) => invalid(`${at}.rule`, goRule(rule), why)),
      ...(messageExpression === undefined ? [] : compileProblems(messageExpression, 'string', optionalOldSelf === true).map((why) => invalid(`${at}.messageExpression`, goRule(rule), why))),
      ...(optionalOldSelf !== undefined && !usesOldSelf(text) ? [invalid(`${at}.optionalOldSelf`, optionalOldSelf, 'may not be set if oldSelf is not used in rule')] : []),
    ];
  });
}

/** How Go prints a rule; of what it points to it would print the address. */
function goRule({ rule, message = '', messageExpression = '', reason, fieldPath = '', optionalOldSelf }: ValidationRule): Verbatim {
  const pointer = (type: string, value: unknown) => (value === undefined ? `(*${type})(nil)` : `(*${type})(${JSON.stringify(value)})`);
  const fields = [`Rule:${JSON.stringify(rule)}`, `Message:${JSON.stringify(message)}`, `MessageExpression:${JSON.stringify(messageExpression)}`, `Reason:${pointer('apiextensions.FieldValueErrorReason', reason)}`, `FieldPath:${JSON.stringify(fieldPath)}`];
  return verbatim(`apiextensions.ValidationRule{${fields.join(', ')}, OptionalOldSelf:${pointer('bool', optionalOldSelf)}}`);
}

const usesOldSelf = (text: string): boolean => {
  const expression = compileExpression(text);
  return !(expression instanceof Error) && expression.usesOldSelf;
};

/** Whether any rule stands anywhere in a schema. */
export function hasRules(schema: StructuralSchema | undefined): boolean {
  if (!schema) return false;
  const below = [schema.items, ...Object.values(schema.properties ?? {}), typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined, ...(schema.allOf ?? [])];
  return (schema['x-kubernetes-validations']?.length ?? 0) > 0 || below.some(hasRules);
}

/** What an object's rules say to it; `old` is what it was, undefined for a new one. Upstream: apiextensions-apiserver pkg/apiserver/schema/cel/validation.go. */
export function validateRules(schema: StructuralSchema, object: object, old: object | undefined): FieldError[] {
  return validate(schema, object, old, '');
}

/** `old` is undefined where nothing of the old object can be told to be the same thing. */
function validate(schema: StructuralSchema, value: unknown, old: unknown, path: string): FieldError[] {
  if (value === null || value === undefined) return [];
  const errors = (schema['x-kubernetes-validations'] ?? []).flatMap((rule) => applyRule(schema, rule, value, old ?? undefined, path));
  if (Array.isArray(value)) return [...errors, ...validateItems(schema, value, Array.isArray(old) ? old : undefined, path)];
  if (!isObject(value)) return errors;
  const before = isObject(old) ? old : undefined;
  // An atomic map's parts are nobody's but the map's.
  const correlated = before && schema['x-kubernetes-map-type'] !== 'atomic' ? before : undefined;
  return [...errors, ...Object.keys(value).flatMap((key) => {
    const inner = schemaOfKey(schema, key);
    return inner && inner !== true ? validate(inner, value[key], correlated && own(correlated, key), path === '' ? key : schema.properties ? `${path}.${key}` : `${path}[${key}]`) : [];
  })];
}

function validateItems(schema: StructuralSchema, items: readonly unknown[], old: readonly unknown[] | undefined, path: string): FieldError[] {
  const { items: each } = schema;
  if (!each) return [];
  const keys = schema['x-kubernetes-list-type'] === 'map' ? schema['x-kubernetes-list-map-keys'] ?? [] : undefined;
  const same = (a: unknown, b: unknown) => keys!.every((key) => equalJson(own(a as JsonObject, key), own(b as JsonObject, key)));
  return items.flatMap((item, i) => validate(each, item, keys && isObject(item) ? old?.find((before) => isObject(before) && same(before, item)) : undefined, `${path}[${i}]`));
}

function applyRule(schema: StructuralSchema, rule: ValidationRule, value: unknown, old: unknown, path: string): FieldError[] {
  const invalid = (detail: string, field = path): FieldError => ({ type: 'FieldValueInvalid', field: field === '' ? '<nil>' : field, detail: `Invalid value: ${JSON.stringify(schema.type ?? '')}: ${detail}` });
  const expression = compileExpression(rule.rule);
  if (expression instanceof Error) return [invalid(`rule compile error: ${expression.message}`)];
  if (expression.usesOldSelf && old === undefined && !rule.optionalOldSelf) return [];
  const before = old === undefined ? undefined : celValue(schema, old);
  const variables = { self: celValue(schema, value), oldSelf: rule.optionalOldSelf ? (old === undefined ? Optional.none() : Optional.of(before)) : before };
  try {
    if (expression.evaluate(variables) === true) return [];
  } catch (error) {
    return [invalid(`${plain(error)} evaluating rule: ${(rule.message || rule.rule).trim()}`)];
  }
  // What was as wrong before may stay.
  if (!expression.usesOldSelf && old !== undefined && equalJson(value, old)) return [];
  const at = rule.fieldPath ? `${path}${rule.fieldPath.startsWith('.') || rule.fieldPath.startsWith('[') ? '' : '.'}${rule.fieldPath}`.replace(/^\./, '') : path;
  return [{ ...invalid(messageOf(rule, variables), at), ...reasonOf(rule, schema, messageOf(rule, variables)) }];
}

function messageOf({ rule, message, messageExpression }: ValidationRule, variables: Parameters<Expression['evaluate']>[0]): string {
  const said = message?.trim() || `failed rule: ${rule.trim()}`;
  const expression = messageExpression === undefined ? undefined : compileExpression(messageExpression);
  if (!expression || expression instanceof Error) return said;
  try {
    const text = expression.evaluate(variables);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text.trim() : said;
  } catch {
    return said;
  }
}

function reasonOf({ reason }: ValidationRule, schema: StructuralSchema, detail: string): Partial<FieldError> {
  switch (reason) {
    case 'FieldValueRequired':
      return { type: reason, detail: `Required value: ${detail}` };
    case 'FieldValueForbidden':
      return { type: reason, detail: `Forbidden: ${detail}` };
    case 'FieldValueDuplicate':
      return { type: reason, detail: `Duplicate value: ${JSON.stringify(schema.type ?? '')}` };
    default:
      return {};
  }
}

const plain = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0]!.replace(/^No such key/, 'no such key');
