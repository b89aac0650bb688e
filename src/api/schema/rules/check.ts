import { Environment, type ASTNode, type TypeCheckResult } from '@marcbachmann/cel-js';
import type { StructuralSchema } from '../structural.ts';
import { createEnvironment } from './environment.ts';
import { asWritten, withReplacements } from './replaced.ts';
import { escaped } from './values.ts';

/** What is wrong with an expression about `self` and `oldSelf` of a schema's type, in the words of cel-go; or what it comes to. */
export type Checked = { readonly problem: string } | { readonly type: string };

/** The types of a schema's values, for one expression after another. `resource`: it is that of a whole resource, whose name may be asked for too. */
export function typeChecker(schema: StructuralSchema, resource: boolean): (text: string, optionalOldSelf: boolean) => Checked {
  const environments = new Map<boolean, Environment>();
  const environmentOf = (optionalOldSelf: boolean) => {
    let known = environments.get(optionalOldSelf);
    if (!known) {
      environments.set(optionalOldSelf, known = createEnvironment(false));
      const type = declare(known, schema, resource || schema['x-kubernetes-embedded-resource'] === true);
      known.registerVariable('self', type).registerVariable('oldSelf', optionalOldSelf ? `optional<${type}>` : type);
    }
    return known;
  };
  return (text, optionalOldSelf) => check(environmentOf(optionalOldSelf), text);
}

let untyped: Environment | undefined;

/** The same where nothing is known of the types. */
export const checkUntyped = (text: string): Checked => check((untyped ??= createEnvironment()), text);

function check(environment: Environment, text: string): Checked {
  let result: TypeCheckResult;
  try {
    result = environment.parse(withReplacements(text)).check();
  } catch (error) {
    return { problem: asWritten(syntaxError(error as CelError, text)) };
  }
  if (result.valid) return { type: String(result.type) };
  const problem = typeError(environment, result.error as unknown as CelError, text);
  return problem === undefined ? { type: 'dyn' } : { problem };
}

const FORMATS: Readonly<Record<string, string>> = { byte: 'bytes', date: 'google.protobuf.Timestamp', 'date-time': 'google.protobuf.Timestamp', duration: 'google.protobuf.Duration' };
const SCALARS: Readonly<Record<string, string>> = { integer: 'int', number: 'double', boolean: 'bool' };
let types = 0;

/** The CEL type of a schema's values; objects are registered as types of their own (apiserver pkg/cel/common/schemas.go SchemaDeclType). */
function declare(environment: Environment, schema: StructuralSchema, resource = false): string {
  const { type, format, items, properties, additionalProperties } = schema;
  if (schema['x-kubernetes-int-or-string']) return 'dyn';
  if (type === 'string') return FORMATS[format ?? ''] ?? 'string';
  if (type === 'array') return items ? `list<${declare(environment, items)}>` : 'list<dyn>';
  if (type !== 'object') return SCALARS[type ?? ''] ?? 'dyn';
  if (additionalProperties) return `map<string, ${additionalProperties === true ? 'dyn' : declare(environment, additionalProperties)}>`;
  if (!properties && !resource) return schema['x-kubernetes-preserve-unknown-fields'] ? 'dyn' : object(environment, {});
  const fields = Object.entries(properties ?? {}).flatMap(([name, property]) => {
    const declared = declare(environment, property, property['x-kubernetes-embedded-resource'] === true);
    // What is of no type cannot be asked for.
    return property.type || property['x-kubernetes-int-or-string'] ? [[escaped(name), declared] as const] : [];
  });
  return object(environment, { ...Object.fromEntries(fields), ...(resource && { apiVersion: 'string', kind: 'string', metadata: object(environment, { name: 'string', generateName: 'string' }) }) });
}

function object(environment: Environment, schema: Record<string, string>): string {
  const name = `Object${++types}`;
  environment.registerType(name, { schema });
  return name;
}

interface CelError {
  readonly code?: string;
  readonly summary?: string;
  readonly message: string;
  readonly node?: ASTNode;
  readonly range?: { readonly start: number; readonly end: number };
}

const EXPECTED = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const TOKENS: Readonly<Record<string, string>> = { RPAREN: ')', RBRACKET: ']', RBRACE: '}', COLON: ':', COMMA: ',', EOF: '<EOF>' };

function syntaxError({ code, summary = '', message, range }: CelError, text: string): string {
  const start = range?.start ?? 0;
  const end = start >= text.length ? '<EOF>' : text.slice(start, range?.end);
  const expected = /^Expected (\w+), got/.exec(summary)?.[1];
  const why = code === 'unexpected_character' ? `token recognition error at: '${text.slice(start, (range?.end ?? start) + (text[start] === '=' ? 1 : 0))}'`
    : code === 'unexpected_token' ? `mismatched input '${end}' expecting ${EXPECTED}`
    : expected !== undefined ? `missing '${TOKENS[expected] ?? expected}' at '${end}'` : summary || message.split('\n')[0]!;
  return located(`Syntax error: ${why}`, text, start);
}

/** Undefined for what may only seem to be wrong. */
function typeError(environment: Environment, { code, summary = '', message, node, range }: CelError, text: string): string | undefined {
  const start = range?.start ?? 0;
  switch (code) {
    case 'no_such_key': return located(`undefined field '${/^No such key: (.*)$/.exec(summary)?.[1] ?? ''}'`, text, dotBefore(text, start));
    case 'unknown_variable': return located(`undeclared reference to '${/^Unknown variable: (.*)$/.exec(summary)?.[1] ?? ''}' (in container '')`, text, start);
    case 'cannot_index_type': return located(`type '${/'(.*)'/.exec(summary)?.[1] ?? ''}' does not support field selection`, text, dotBefore(text, start));
    case 'invalid_condition_type': case 'invalid_logical_operand': return located(`expected type 'bool' but found '${/got '(.*)'$/.exec(summary)?.[1] ?? ''}'`, text, start);
    case 'no_such_overload': return operatorError(summary, node, text, start);
    case 'no_matching_overload': return callError(environment, summary, text, start);
    default: return located(summary || message.split('\n')[0]!, text, start);
  }
}

const dotBefore = (text: string, at: number): number => Math.max(0, text.lastIndexOf('.', at));
/** Two values of one type of ours may be compared; the engine knows no equality of them. */
const OWN_TYPE = /\bObject\d+\b|\$/;

function operatorError(summary: string, node: ASTNode | undefined, text: string, start: number): string | undefined {
  const unary = /^no such overload: ([!-])(\S+)$/.exec(summary);
  if (unary) return OWN_TYPE.test(unary[2]!) ? undefined : located(`found no matching overload for '${unary[1]}_' applied to '(${unary[2]})'`, text, start);
  const binary = /^no such overload: (.+) (\S+) (.+)$/.exec(summary);
  if (!binary || OWN_TYPE.test(summary)) return undefined;
  const [, left, operator, right] = binary;
  const [first] = Array.isArray(node?.args) ? (node.args as readonly ASTNode[]) : [];
  const at = text.indexOf(operator!, first && typeof first === 'object' && 'end' in first ? first.end : start);
  return located(`found no matching overload for '${operator === 'in' ? '@in' : `_${operator}_`}' applied to '(${left}, ${right})'`, text, at < 0 ? start : at);
}

function callError(environment: Environment, summary: string, text: string, start: number): string | undefined {
  const [, receiver, name = '', given = ''] = /^found no matching overload for '(?:(.+)\.)?(\w+)\((.*)\)'$/.exec(asWritten(summary)) ?? [];
  const call = text.indexOf('(', text.indexOf(name, start));
  const at = call < 0 ? start : call;
  if (!environment.getDefinitions().functions.some((known) => known.name === name)) return located(`undeclared reference to '${name}' (in container '')`, text, at);
  if (OWN_TYPE.test(summary)) return undefined;
  return located(`found no matching overload for '${name}' applied to '${receiver === undefined ? '' : `${receiver}.`}(${given})'`, text, at);
}

/** cel-go's way to show where. */
function located(message: string, text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  const column = before.at(-1)!.length;
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${text.split('\n')[before.length - 1]}\n | ${'.'.repeat(column)}^`;
}
