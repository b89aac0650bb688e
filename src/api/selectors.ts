import type { LabelSelector as LabelSelectorObject } from './types/meta.v1.ts';
import { labelValueProblems, qualifiedNameProblems } from './labels.ts';

/** One condition on labels. All of a selector's conditions must hold. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  readonly values: readonly string[];
}

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<';

/** Conditions, sorted by key. An empty list matches everything. */
export type LabelSelector = readonly LabelRequirement[];

export type Labels = Readonly<Record<string, string>>;

/** A selector's text or object that means nothing; the message is upstream's. */
export class SelectorError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

/**
 * Reads a label selector: `app=web,tier in (a,b),!legacy`. The grammar and the texts of errors are those of apimachinery pkg/labels/selector.go.
 * Throws SelectorError.
 */
export function parseLabelSelector(text: string): LabelSelector {
  return sorted(new Parser(text).parse());
}

/** Whether the labels fulfil every condition. */
export function matchesLabels(selector: LabelSelector, labels: Labels | undefined): boolean {
  return selector.every((requirement) => matches(requirement, labels ?? {}));
}

/** What a selector is as a function. */
export type LabelMatcher = (labels: Labels | undefined) => boolean;

const matchers = new WeakMap<LabelSelectorObject, LabelMatcher>();

/**
 * A matcher for the selector of an API object: undefined matches nothing, an empty one matches everything. Throws SelectorError for an operator or
 * a key that is none. Made once per selector, since the same ones are asked for every object: whoever changes a selector copies it first.
 */
export function labelSelectorFromObject(selector: LabelSelectorObject | undefined | null): LabelMatcher {
  if (!selector) return () => false;
  let matcher = matchers.get(selector);
  if (!matcher) {
    const requirements = requirementsOf(selector);
    matchers.set(selector, matcher = (labels) => matchesLabels(requirements, labels));
  }
  return matcher;
}

/** Whether a selector picks every object, which no workload may do. */
export function selectsAll(selector: LabelSelectorObject | undefined): boolean {
  return selector !== undefined && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

const OBJECT_OPERATORS = new Map<string, LabelOperator>([['In', 'in'], ['NotIn', 'notin'], ['Exists', 'exists'], ['DoesNotExist', '!']]);

/** The conditions of an API object's selector. Throws SelectorError. */
export function requirementsOf(selector: LabelSelectorObject): LabelSelector {
  const requirements = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => requirement(key, '=', [value]));
  for (const expression of selector.matchExpressions ?? []) {
    const operator = OBJECT_OPERATORS.get(expression.operator);
    if (!operator) throw new SelectorError(`${JSON.stringify(expression.operator)} is not a valid label selector operator`);
    requirements.push(requirement(expression.key, operator, expression.values ?? []));
  }
  return sorted(requirements);
}

/** The text of a selector; `parseLabelSelector` reads it back. Takes conditions, or an API object's selector. */
export function formatLabelSelector(selector: LabelSelector | LabelSelectorObject): string {
  const requirements = Array.isArray(selector) ? (selector as LabelSelector) : requirementsOf(selector as LabelSelectorObject);
  return requirements.map(formatRequirement).join(',');
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  if (operator === 'exists') return key;
  if (operator === '!') return `!${key}`;
  const list = values.length === 1 ? values[0] : [...values].sort().join(',');
  return operator === 'in' || operator === 'notin' ? `${key} ${operator} (${list})` : `${key}${operator}${list}`;
}

function matches({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case '=': case '==': case 'in': return value !== undefined && values.includes(value);
    case '!=': case 'notin': return value === undefined || !values.includes(value);
    case 'exists': return value !== undefined;
    case '!': return value === undefined;
    case '>': case '<': {
      const left = integer(value);
      const right = integer(values[0]);
      return left !== undefined && right !== undefined && (operator === '>' ? left > right : left < right);
    }
  }
}

function integer(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[-+]?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function requirement(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const problems: string[] = [];
  const invalid = (field: string, value: string, detail: string) => problems.push(`${field}: Invalid value: ${value}: ${detail}`);
  const keyProblems = qualifiedNameProblems(key);
  const list = `[]string{${values.map((v) => JSON.stringify(v)).join(', ')}}`;
  if (keyProblems.length > 0) invalid('key', JSON.stringify(key), keyProblems.join('; '));
  if ((operator === 'in' || operator === 'notin') && values.length === 0) invalid('values', list, "for 'in', 'notin' operators, values set can't be empty");
  if ((operator === 'exists' || operator === '!') && values.length > 0) invalid('values', list, 'values set must be empty for exists and does not exist');
  if ((operator === '>' || operator === '<') && integer(values[0]) === undefined) invalid('values[0]', JSON.stringify(values[0]), "for 'Gt', 'Lt' operators, the value must be an integer");
  values.forEach((value, i) => {
    const valueProblems = labelValueProblems(value);
    if (valueProblems.length > 0) invalid(`values[${i}][${key}]`, JSON.stringify(value), valueProblems.join('; '));
  });
  if (problems.length > 0) throw new SelectorError(problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`);
  return { key, operator, values };
}

function sorted(requirements: LabelRequirement[]): LabelSelector {
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

type Token = { readonly kind: 'word' | 'symbol' | 'end' | 'error'; readonly text: string };

const SYMBOLS = ['==', '!=', '=', '!', '(', ')', ',', '>', '<'];
const BINARY = ['=', '==', '!=', 'in', 'notin', '>', '<'];

/** Splits a selector's text. Runs of symbols are cut at the longest symbol that they start with. */
function tokens(text: string): Token[] {
  const found: Token[] = [];
  let rest = text;
  for (;;) {
    rest = rest.replace(/^[ \t\r\n]+/, '');
    if (rest === '' || rest[0] === '\0') return [...found, { kind: 'end', text: '' }];
    const symbol = SYMBOLS.find((s) => rest.startsWith(s));
    const token: Token = symbol ? { kind: 'symbol', text: symbol } : { kind: 'word', text: /^[^=!(),<> \t\r\n\0]+/.exec(rest)![0] };
    found.push(token);
    rest = rest.slice(token.text.length);
  }
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokens(text);
  }

  parse(): LabelRequirement[] {
    const requirements: LabelRequirement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'end') return requirements;
      if (!startsRequirement(token)) throw new SelectorError(`found '${token.text}', expected: !, identifier, or 'end of string'`);
      try {
        requirements.push(this.#requirement());
      } catch (error) {
        throw error instanceof SelectorError ? new SelectorError(`unable to parse requirement: ${error.message}`) : error;
      }
      const separator = this.#next();
      if (separator.kind === 'end') return requirements;
      if (!is(separator, ',')) throw new SelectorError(`found '${separator.text}', expected: ',' or 'end of string'`);
      if (!startsRequirement(this.#peek())) throw new SelectorError(`found '${this.#peek().text}', expected: identifier after ','`);
    }
  }

  #requirement(): LabelRequirement {
    let token = this.#next();
    const negated = is(token, '!');
    if (negated) token = this.#next();
    if (token.kind !== 'word') throw new SelectorError(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const problems = qualifiedNameProblems(key);
    if (problems.length > 0) throw new SelectorError(`<nil>: Invalid value: ${JSON.stringify(key)}: ${problems.join('; ')}`);
    if (negated) return requirement(key, '!', []);
    if (this.#peek().kind === 'end' || is(this.#peek(), ',')) return requirement(key, 'exists', []);
    const operator = this.#next();
    if (!BINARY.includes(operator.text)) throw new SelectorError(`found '${operator.text}', expected: ${BINARY_TEXT}`);
    const values = operator.text === 'in' || operator.text === 'notin' ? this.#set() : [this.#exact()];
    return requirement(key, operator.text as LabelOperator, [...new Set(values)].sort());
  }

  #exact(): string {
    const token = this.#peek();
    if (token.kind === 'end' || is(token, ',')) return '';
    if (token.kind !== 'word') throw new SelectorError(`found '${token.text}', expected: identifier`);
    return this.#next().text;
  }

  #set(): string[] {
    const open = this.#next();
    if (!is(open, '(')) throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (is(first, ')')) {
      this.#next();
      return [''];
    }
    if (first.kind !== 'word' && !is(first, ',')) throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    const values: string[] = [];
    for (;;) {
      // Between two separators there may be nothing, which is the empty value.
      if (this.#peek().kind === 'word') values.push(this.#next().text);
      else if (is(this.#peek(), ',') || is(this.#peek(), ')')) values.push('');
      else throw new SelectorError(`found '${this.#peek().text}', expected: ',', or identifier`);
      const separator = this.#next();
      if (is(separator, ')')) return values;
      if (!is(separator, ',')) throw new SelectorError(`found '${separator.text}', expected: ',' or ')'`);
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #next(): Token {
    return this.#tokens[Math.min(this.#at++, this.#tokens.length - 1)]!;
  }
}

/** The order of apimachinery's message. */
const BINARY_TEXT = 'in, notin, =, ==, !=, gt, lt';
const is = (token: Token, symbol: string) => token.kind === 'symbol' && token.text === symbol;
const startsRequirement = (token: Token) => token.kind === 'word' || is(token, '!');

/** One condition on a field. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** Reads a field selector: `status.phase!=Failed,spec.nodeName=n1`, with `\,` `\=` `\\` escapes in values. Throws SelectorError. */
export function parseFieldSelector(text: string): FieldRequirement[] {
  const terms = (text.match(/(?:[^\\,]|\\[\s\S]|\\$)+/g) ?? []).sort();
  return terms.map((term) => {
    const [, field, operator, value] = /^([\s\S]*?)(!=|==|=)([\s\S]*)$/.exec(term) ?? [];
    if (field === undefined) throw new SelectorError(`invalid selector: '${text}'; can't understand '${term}'`);
    return { field, operator: operator === '!=' ? '!=' : '=', value: unescape(value!) } as const;
  }).filter(({ field, value }) => field !== '' || value !== '');
}

function unescape(value: string): string {
  return value.replace(/\\([\s\S]?)|[,=]/g, (match, escaped: string | undefined) => {
    if (escaped === undefined) throw new SelectorError(`invalid field selector: unescaped character in value: ${match.codePointAt(0)}`);
    if (!/[\\,=]/.test(escaped)) throw new SelectorError(`invalid field selector: invalid escape sequence: ${match}`);
    return escaped;
  });
}
