import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { goRegExp } from '../../../base/go-regexp.ts';

/** Text that holds no names: strings, also long ones, and comments. */
const NO_NAMES = /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/.*/.source;
const REPLACED = new RegExp(String.raw`(${NO_NAMES})|(?<![\w.])has(?=\s*\()|(?<=\.\s*)matches(?=\s*\()`, 'g');

/**
 * An expression that uses our `has` and `matches` in place of the engine's: its `has` knows no index (`has(self.list[0].name)`), its `matches` reads patterns as
 * JavaScript does. It lets neither be replaced, so ours have names of their own.
 */
export const withReplacements = (text: string): string => text.replaceAll(REPLACED, (found, skipped: string | undefined) => (skipped === undefined ? `${found}__` : found));

/** A message of the engine, with the names that the author of the expression knows. */
export const asWritten = (message: string): string => message.replaceAll(/\b(has|matches)__/g, '$1');

/** Registers what `withReplacements` names. */
export function registerReplacements(env: Environment): void {
  env.registerFunction('has__(ast): bool', hasMacro);
  env.registerFunction('string.matches__(string): bool', (text: string, pattern: string) => goRegExp(pattern).test(text));
}

/** The engine's shape of a macro, as far as `has` needs it. */
interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  getType(name: string): unknown;
}

interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
}

/** `has(e.field)`: whether the map that `e` comes to has the field. That `e` cannot be evaluated is an error, as in CEL. */
function hasMacro({ args }: { readonly args: readonly ASTNode[] }) {
  const [selection] = args;
  if (selection?.op !== '.') throw new Error('invalid argument to has() macro');
  const [operand, field] = selection.args;
  return {
    typeCheck(checker: Checker, _macro: unknown, context: unknown) {
      checker.check(operand, context);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: unknown): boolean {
      const value = evaluator.run(operand, context);
      if (!(value instanceof Map)) throw new Error(`no such key: ${field}`);
      return value.has(field);
    },
  };
}
