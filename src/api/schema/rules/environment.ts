import { Environment, type ASTNode, type ParseResult } from '@marcbachmann/cel-js';
import { goRegExp } from '../../../base/go-regexp.ts';
import { registerLibraries } from './libraries.ts';
import { asWritten, registerReplacements, withReplacements } from './replaced.ts';

/** An expression that was checked; throws at evaluation what CEL calls an error (a missing key, an overflow). */
export interface Expression {
  evaluate(variables: { readonly self: unknown; readonly oldSelf: unknown }): unknown;
  /** What it comes to, as far as that is known: `bool`, `string`, `dyn`. */
  readonly type: string;
  readonly usesOldSelf: boolean;
}

let environment: Environment | undefined;
const compiled = new Map<string, Expression | Error>();
const REMEMBERED = 10_000;

/** Compiles an expression about `self` and `oldSelf`. An Error when it means nothing, or uses a function that is not there; its message is one line. */
export function compileExpression(text: string): Expression | Error {
  let known = compiled.get(text);
  if (!known) {
    if (compiled.size >= REMEMBERED) compiled.clear();
    compiled.set(text, known = compile(text));
  }
  return known;
}

function compile(text: string): Expression | Error {
  let parsed: ParseResult;
  try {
    parsed = (environment ??= createEnvironment()).parse(withReplacements(text));
  } catch (error) {
    return new Error(firstLine(error));
  }
  const { valid, type, error } = parsed.check();
  if (!valid) return new Error(firstLine(error));
  return { evaluate: (variables) => parsed(variables) as unknown, type: String(type), usesOldSelf: mentions(parsed.ast, 'oldSelf') };
}

const firstLine = (error: unknown): string => asWritten(error instanceof Error ? error.message : String(error)).split('\n')[0]!;

function mentions(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((inner) => mentions(inner, name));
  if (typeof node !== 'object' || node === null || !('op' in node)) return false;
  const { op, args } = node as ASTNode;
  return op === 'id' ? args === name : mentions(args, name);
}

/** CEL with the parts of Kubernetes' libraries that rules use most (apiserver pkg/cel/library, cel-go ext strings.go). What is missing is refused when a rule is compiled. `untyped`: nothing is known of `self` and `oldSelf`. */
export function createEnvironment(untyped = true): Environment {
  const env = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits: { maxAstNodes: 10_000, maxDepth: 100 } });
  if (untyped) env.registerVariable('self', 'dyn').registerVariable('oldSelf', 'dyn');
  env.registerFunction('list<dyn>.isSorted(): bool', (list: readonly Ordered[]) => list.every((item, i) => i === 0 || list[i - 1]! <= item));
  env.registerFunction('list<dyn>.sum(): dyn', (list: readonly (bigint | number)[]) => list.reduce<bigint | number>((sum, item) => (typeof item === 'bigint' && typeof sum === 'bigint' ? sum + item : Number(sum) + Number(item)), 0n));
  env.registerFunction('list<dyn>.min(): dyn', (list: readonly Ordered[]) => extreme(list, 'min', (a, b) => a < b));
  env.registerFunction('list<dyn>.max(): dyn', (list: readonly Ordered[]) => extreme(list, 'max', (a, b) => a > b));
  env.registerFunction('list<dyn>.indexOf(dyn): int', (list: readonly unknown[], item: unknown) => BigInt(list.indexOf(item)));
  env.registerFunction('list<dyn>.lastIndexOf(dyn): int', (list: readonly unknown[], item: unknown) => BigInt(list.lastIndexOf(item)));
  registerReplacements(env);
  env.registerFunction('string.find(string): string', (text: string, pattern: string) => goRegExp(pattern).exec(text)?.[0] ?? '');
  env.registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => Array.from(text.matchAll(new RegExp(goRegExp(pattern), 'gu')), ([found]) => found));
  env.registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to));
  env.registerFunction('string.charAt(int): string', (text: string, at: bigint) => [...text][Number(at)] ?? '');
  registerLibraries(env);
  return env;
}

type Ordered = bigint | number | string;

function extreme(list: readonly Ordered[], name: string, before: (a: Ordered, b: Ordered) => boolean): Ordered {
  if (list.length === 0) throw new Error(`${name} called on empty list`);
  return list.reduce((best, item) => (before(item, best) ? item : best));
}
