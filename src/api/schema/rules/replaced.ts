import type { ASTNode, Environment } from '@marcbachmann/cel-js';
import { goRegExp } from '../../../base/go-regexp.ts';

/** Text that holds no names: strings, also long ones, and comments. */
const NO_NAMES = /"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/.*/.source;
const REPLACED = new RegExp(String.raw`(${NO_NAMES})|(?<![\w.])has(?=\s*\()|(?<=\.\s*)matches(?=\s*\()`, 'g');

/**
 * An expression that uses our `has` and `matches` in place of the engine's: its `has` knows no index (`has(self.list[0].name)`), its `matches` reads patterns as
 * JavaScript does. It lets neither be replaced, so ours have names of their own,
 * as long as the others, so that every place in the text stays where it is.
 */
export const withReplacements = (text: string): string => text.replaceAll(REPLACED, (found, skipped: string | undefined) => (skipped === undefined ? `${found.slice(0, -1)}_` : found));

/** A message of the engine, with the names that the author of the expression knows. */
export const asWritten = (message: string): string => message.replaceAll(/\b(ha|matche)_(?=\(|')/g, '$1s');

/** Registers what `withReplacements` names. */
export function registerReplacements(env: Environment): void {
  env.registerFunction('ha_(ast): bool', hasMacro);
  env.registerFunction('string.matche_(string): bool', (text: string, pattern: string) => goRegExp(pattern).test(text));
}

/** The engine's shape of a macro, as far as `has` needs it. */
interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  getType(name: string): unknown;
  createError(code: string, message: string, node: ASTNode | undefined): Error;
}

interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
}

/** `has(e.field)`: whether the map that `e` comes to has the field. That `e` cannot be evaluated is an error, as in CEL. */
function hasMacro({ args }: { readonly args: readonly ASTNode[] }) {
  const [selection] = args;
  return {
    typeCheck(checker: Checker, _macro: unknown, context: unknown) {
      if (selection?.op !== '.') throw checker.createError('invalid_macro_argument', 'invalid argument to has() macro', selection);
      checker.check(selection, context);
      return checker.getType('bool');
    },
    evaluate(evaluator: Evaluator, _macro: unknown, context: unknown): boolean {
      if (selection?.op !== '.') throw new Error('invalid argument to has() macro');
      const [operand, field] = selection.args;
      const value = evaluator.run(operand, context);
      if (!(value instanceof Map)) throw new Error(`no such key: ${field}`);
      return value.has(field);
    },
  };
}
