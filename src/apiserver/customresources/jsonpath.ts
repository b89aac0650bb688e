import { isObject } from '../../api/json.ts';

/** Finds values in a JSON value, in order; nothing where the path leads nowhere. */
export type JsonPath = (root: unknown) => readonly unknown[];

type Step = (values: readonly unknown[]) => readonly unknown[];

/**
 * Compiles what may stand in a printer column's or selectable field's jsonPath (client-go util/jsonpath, without its template parts): `.a.b`, `.a\.b`, `['a.b']`, `[0]`, `[-1]`, `[1:3]`, `[*]`, `.*`,
 * `..a`, `['a','b']`, `[?(@.type=="Ready")]`. Throws SyntaxError.
 */
export function compileJsonPath(text: string): JsonPath {
  const steps = parseSteps(new Cursor(text.startsWith('$') ? text.slice(1) : text));
  return (root) => steps.reduce<readonly unknown[]>((values, step) => step(values), [root]);
}

/** Where in a path the reader stands. */
class Cursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  take(token: string): boolean {
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  match(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text);
    if (found) this.at += found[0].length;
    return found ?? undefined;
  }

  fail(why: string): never {
    throw new SyntaxError(`${why} at ${this.at} of ${JSON.stringify(this.text)}`);
  }
}

function parseSteps(cursor: Cursor): Step[] {
  const steps: Step[] = [];
  while (!cursor.done) {
    if (cursor.take('..')) {
      steps.push((values) => values.flatMap(descendants));
      if (!cursor.text.startsWith('[', cursor.at)) steps.push(field(name(cursor)));
    } else if (cursor.take('.')) {
      if (!cursor.done && !cursor.text.startsWith('[', cursor.at)) steps.push(cursor.take('*') ? everything : field(name(cursor)));
    } else if (cursor.take('[')) steps.push(subscript(cursor));
    else cursor.fail('unexpected character');
  }
  return steps;
}

function name(cursor: Cursor): string {
  const found = cursor.match(/(?:\\.|[^.[\]\s{}])+/);
  return found ? found[0].replaceAll(/\\(.)/g, '$1') : cursor.fail('a name is missing');
}

function subscript(cursor: Cursor): Step {
  cursor.match(/\s*/);
  if (cursor.take('?(')) return filter(cursor);
  const step = cursor.take('*') ? everything : cursor.match(/(?=['"])/) ? union(quotedNames(cursor)) : range(cursor);
  if (!cursor.match(/\s*\]/)) cursor.fail('] is missing');
  return step;
}

function quotedNames(cursor: Cursor): string[] {
  const names: string[] = [];
  do {
    const found = cursor.match(/\s*(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)")\s*/) ?? cursor.fail('a quoted name is missing');
    names.push((found[1] ?? found[2] ?? '').replaceAll(/\\(.)/g, '$1'));
  } while (cursor.take(','));
  return names;
}

function range(cursor: Cursor): Step {
  const found = cursor.match(/(-?\d+)?(?:(:)(-?\d+)?(?::(\d+))?)?/);
  if (!found || found[0] === '') return cursor.fail('a subscript is missing');
  const [, from, isSlice, to, stride] = found;
  if (!isSlice) return (values) => values.flatMap((value) => (Array.isArray(value) && value.at(Number(from)) !== undefined ? [value.at(Number(from))] : []));
  const every = Math.max(1, Number(stride ?? 1));
  return (values) => values.flatMap((value) => (Array.isArray(value) ? value.slice(from === undefined ? 0 : Number(from), to === undefined ? undefined : Number(to)).filter((_, i) => i % every === 0) : []));
}

function filter(cursor: Cursor): Step {
  const found = cursor.match(/\s*@((?:\\.|'[^']*'|"[^"]*"|[^=!<>)\s'"])*)\s*(?:(==|!=|<=|>=|<|>)\s*('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s)]+)\s*)?\)\s*\]/);
  if (!found) return cursor.fail('a filter is not understood');
  const [, path = '', operator, literal] = found;
  const left = compileJsonPath(path);
  const right = literal === undefined ? undefined : literalValue(literal);
  const holds = (item: unknown): boolean => {
    const [value] = left(item);
    return operator === undefined ? value !== undefined : value !== undefined && compare(value, operator, right);
  };
  return (values) => values.flatMap(children).filter(holds);
}

function literalValue(text: string): unknown {
  if (text.startsWith("'") || text.startsWith('"')) return text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  const a = left;
  const b = right as typeof left;
  return operator === '<' ? a < b : operator === '<=' ? a <= b : operator === '>' ? a > b : a >= b;
}

const union = (names: readonly string[]): Step => (values) => names.flatMap((one) => field(one)(values));
const field = (key: string): Step => (values) => values.flatMap((value) => (isObject(value) && Object.hasOwn(value, key) ? [value[key]] : []));
const children = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);
const everything: Step = (values) => values.flatMap(children);
const descendants = (value: unknown): readonly unknown[] => [value, ...children(value).flatMap(descendants)];
