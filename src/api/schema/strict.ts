import { isObject } from '../json.ts';
import { fieldsOf, findMessage } from './registry.ts';
import type { FieldType } from './table.ts';

/** Upstream stops listing after this many (sigs.k8s.io/json). */
const MAX_ERRORS = 100;
/** Go reads ten times as deep; no object needs it, and what walks objects here is recursive. */
const MAX_DEPTH = 1000;

/** Fields that the schema does not know: `unknown field "spec.containers[0].imge" (did you mean "image"?)`. At most 100. */
export function findUnknown(messageId: string, object: unknown): string[] {
  const found: string[] = [];
  visit({ kind: 'message', id: messageId }, object, '', found);
  return found;
}

const SCHEMA: FieldType = { kind: 'message', id: 'apiextensions/v1.JSONSchemaProps' };

function visit(type: FieldType, value: unknown, path: string, found: string[]): void {
  if (found.length >= MAX_ERRORS) return;
  if (type.kind === 'list' && Array.isArray(value)) value.forEach((item, i) => visit(type.of, item, `${path}[${i}]`, found));
  else if (type.kind === 'special' && type.special.startsWith('JSONSchemaProps')) {
    if (Array.isArray(value)) value.forEach((item, i) => visit(SCHEMA, item, `${path}[${i}]`, found));
    else visit(SCHEMA, value, path, found);
  } else if (isObject(value)) {
    if (type.kind === 'map') for (const key of Object.keys(value)) visit(type.of, value[key], join(path, key), found);
    if (type.kind !== 'message') return;
    const known = fieldsOf(type.id);
    const isKind = findMessage(type.id)!.isKind;
    for (const key of Object.keys(value)) {
      const field = known.get(key);
      if (field) visit(field.type, value[key], join(path, key), found);
      else if (!(isKind && (key === 'apiVersion' || key === 'kind')) && found.length < MAX_ERRORS) found.push(unknownField(join(path, key), suggestField(type.id, key)));
    }
  }
}

/** What strict validation says of a field that is not known; upstream's text, and behind it what was probably meant. */
export function unknownField(path: string, meant: string | undefined): string {
  return `unknown field ${JSON.stringify(path)}${meant === undefined ? '' : ` (did you mean ${JSON.stringify(meant)}?)`}`;
}

const join = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** A field of the message that a misspelt name probably means (`apiVerson` → `apiVersion`), or undefined. */
export function suggestField(messageId: string, name: string): string | undefined {
  const known = [...(findMessage(messageId) ? fieldsOf(messageId).keys() : [])];
  return suggest(name, findMessage(messageId)?.isKind ? ['apiVersion', 'kind', ...known] : known);
}

/** The candidate that a misspelt word probably means: differing only in case, or in at most two letters (one in short words, none in shorter). */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = word.length <= 2 ? 1 : word.length <= 4 ? 2 : 3;
  for (const candidate of candidates) {
    if (candidate.toLowerCase() === word.toLowerCase()) return candidate;
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn a into b. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}

/**
 * Reads JSON and lists keys that stand twice in one object: `duplicate field "spec.replicas"`. Throws with Go's texts for what is no JSON, nests deeper
 * than 1,000, or has a key `__proto__`, which no object of ours may carry.
 */
export function parseJsonStrict(text: string): { value: unknown; duplicates: string[] } {
  const duplicates = scan(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(goSyntaxError((error as Error).message, text), { cause: error });
  }
  return { value, duplicates };
}

/** Complaints about fields in the order in which these stand in the text, as upstream's decoder meets them. What is about no field of it stays behind. */
export function inOrderOf(text: string, problems: readonly string[]): string[] {
  const left = new Map(problems.map((problem) => [problem.replace(/ \(did you mean .*$/, ''), problem]));
  const found: string[] = [];
  scan(text, (path, again) => {
    const key = `${again ? 'duplicate' : 'unknown'} field ${JSON.stringify(path)}`;
    const problem = left.get(key);
    if (problem === undefined) return;
    found.push(problem);
    left.delete(key);
  });
  return [...found, ...left.values()];
}

function goSyntaxError(text: string, json: string): string {
  const position = /position (\d+)/.exec(text);
  if (/end of JSON input|Unterminated/.test(text) || (position && Number(position[1]) >= json.trimEnd().length)) return 'unexpected end of JSON input';
  const token = /Unexpected (?:token|non-whitespace character after JSON)(?: '?(.)'?)?/.exec(text);
  return token?.[1] ? `invalid character '${token[1]}' looking for beginning of value` : `invalid JSON: ${text}`;
}

interface Frame {
  /** Names seen in this object; undefined for a list. */
  readonly names: Set<string> | undefined;
  name: string;
  index: number;
  expectsName: boolean;
}

/** Walks the text's tokens, telling of each field with its path; does not judge its syntax, which JSON.parse does. */
function scan(text: string, seen?: (path: string, again: boolean) => void): string[] {
  const duplicates: string[] = [];
  const stack: Frame[] = [];
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    const token = match[0];
    const top = stack.at(-1);
    switch (token[0]) {
      case '{': case '[':
        if (stack.length >= MAX_DEPTH) throw new Error('exceeded max depth');
        stack.push({ names: token === '{' ? new Set() : undefined, name: '', index: 0, expectsName: token === '{' });
        break;
      case '}': case ']': stack.pop(); break;
      case ',':
        if (top?.names) top.expectsName = true;
        else if (top) top.index++;
        break;
      default: {
        if (!top?.expectsName) break;
        top.expectsName = false;
        top.name = token.includes('\\') ? unquote(token) : token.slice(1, -1);
        if (top.name === '__proto__') throw new Error('the key "__proto__" is not supported');
        seen?.(pathOf(stack), top.names!.has(top.name));
        if (top.names!.has(top.name) && duplicates.length < MAX_ERRORS) duplicates.push(`duplicate field ${JSON.stringify(pathOf(stack))}`);
        top.names!.add(top.name);
      }
    }
  }
  return duplicates;
}

function unquote(token: string): string {
  try {
    return JSON.parse(token) as string;
  } catch {
    return token;
  }
}

function pathOf(stack: readonly Frame[]): string {
  return stack.reduce((path, frame) => (frame.names ? join(path, frame.name) : `${path}[${frame.index}]`), '');
}
