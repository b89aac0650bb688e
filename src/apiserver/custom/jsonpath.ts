import { isObject } from '../../api/json.ts';

type Step = (value: unknown) => unknown[];

const compiled = new Map<string, readonly Step[]>();

/**
 * The values at a JSONPath of a printer column or selectable field: `.spec.a`, `['a.b']`, `[0]`, `[*]`, `[?(@.type=="Ready")]`, `..` not. Throws a SyntaxError for a path that cannot be read.
 */
export function valuesAt(path: string, object: unknown): unknown[] {
  let steps = compiled.get(path);
  if (!steps) {
    steps = compile(path);
    if (compiled.size < 1_000) compiled.set(path, steps);
  }
  return steps.reduce((values, step) => values.flatMap(step), [object]);
}

const PART = /\.?((?:[A-Za-z0-9_$\-/]|\\.)+)|\[(\d+)\]|\[\*\]|\.\*|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[\?\(@\.?([^=!<>]*?)\s*(==|!=)\s*("[^"]*"|'[^']*'|[^)]*)\)\]/y;

function compile(path: string): Step[] {
  const text = path.replace(/^\{|\}$/g, '').replace(/^\$/, '');
  const steps: Step[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const from = PART.lastIndex;
    const match = PART.exec(text);
    if (!match || PART.lastIndex === from) throw new SyntaxError(`unreadable JSONPath ${JSON.stringify(path)}`);
    steps.push(stepOf(match));
  }
  return steps;
}

function stepOf(match: RegExpExecArray): Step {
  const [whole, plain, index, single, double, left, operator, right] = match;
  if (index !== undefined) return (value) => (Array.isArray(value) && Number(index) < value.length ? [value[Number(index)]] : []);
  if (operator !== undefined) {
    const wanted = right!.trim().replace(/^["']|["']$/g, '');
    const read = left === '' ? (value: unknown) => [value] : (value: unknown) => valuesAt(`.${left}`, value);
    return (value) => (Array.isArray(value) ? value.filter((item) => (String(read(item)[0]) === wanted) === (operator === '==')) : []);
  }
  const key = (plain ?? single ?? double)?.replaceAll(/\\(.)/g, '$1');
  if (key === undefined || whole === '.*') return (value) => (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []);
  return (value) => (isObject(value) && Object.hasOwn(value, key) ? [value[key]] : []);
}
