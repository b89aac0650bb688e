import { describe, expect, it } from 'vitest';
import type { ValidationRule } from '../../types/apiextensions.v1.ts';
import type { StructuralSchema } from '../structural.ts';
import { ruleProblems, validateRules } from './rules.ts';

const all: StructuralSchema = { type: 'array', items: { type: 'object', properties: { n: { type: 'string' }, v: { type: 'integer' } } } };
const rule = (text: string, more: Partial<ValidationRule> = {}): ValidationRule => ({ rule: text, ...more });
const spec = (rules: readonly ValidationRule[], properties: Record<string, StructuralSchema> = {}): StructuralSchema => ({
  type: 'object', properties: { spec: {
    type: 'object', 'x-kubernetes-validations': rules,
    properties: {
      min: { type: 'integer' }, max: { type: 'integer' }, ratio: { type: 'number' }, name: { type: 'string' }, when: { type: 'string', format: 'date-time' }, wait: { type: 'string', format: 'duration' }, 'x-y': { type: 'string' },
      port: { 'x-kubernetes-int-or-string': true }, labels: { type: 'object', additionalProperties: { type: 'string' } }, list: { type: 'array', items: { type: 'integer' } }, ...properties,
    },
  } },
});
const texts = (schema: StructuralSchema, value: object, old?: object) => validateRules(schema, { spec: value }, old && { spec: old }).map((e) => `${e.field}: ${e.detail}`);

describe('rules', () => {
  it.each<[string, object, boolean]>([
    ['self.min <= self.max', { min: 1, max: 2 }, true],
    ['self.min <= self.max', { min: 3, max: 2 }, false],
    ['!has(self.min) || self.min > 0', {}, true],
    ['has(self.name)', {}, false],
    ['self.ratio < 0.5', { ratio: 0.25 }, true],
    ['self.ratio < 2.0', { ratio: 1 }, true],
    ['self.name.matches("^[a-z]+$")', { name: 'abc' }, true],
    ['self.name.matches("^(?i)ABC$")', { name: 'abc' }, true],
    ['has(self.all[0].n) && !has(self.all[0].v)', { all: [{ n: 'a' }] }, true],
    ["self.all.exists_one(a, has(a.n) && a.n == 'has(x)' || has(self.all[1].v))", { all: [{ n: 'has(x)' }, {}] }, true],
    ['has(self.labels.a)', { labels: { b: '1' } }, false],
    ['url(self.name).getScheme() in ["http", "https"] && url(self.name).getHost() == "A.b:80" && url(self.name).getHostname() == "A.b" && url(self.name).getPort() == "80"', { name: 'https://A.b:80/x' }, true],
    ['url(self.name).getEscapedPath() == "/a%20b" && url(self.name).getQuery()["k"] == ["1", "2"]', { name: '/a%20b?k=1&k=2' }, true],
    ['isURL(self.name)', { name: 'example.com/x' }, false],
    ['isURL(self.name)', { name: 'http://a b/' }, false],
    ['isURL(self.name)', { name: 'http://a/b c' }, true],
    ['sign(quantity(self.name)) == -1', { name: '-1m' }, true],
    ['quantity(self.name).isGreaterThan(quantity("1Gi")) && quantity(self.name).add(1).compareTo(quantity("2Gi")) == 1 && quantity(self.name).asInteger() == 2147483648', { name: '2Gi' }, true],
    ['isQuantity(self.name)', { name: '1Zi' }, false],
    ['isIP(self.name) && ip(self.name).family() == 6', { name: '::1' }, true],
    ['isIP(self.name)', { name: '010.0.0.1' }, false],
    ['cidr(self.name).containsIP("10.1.2.3") && !cidr(self.name).containsCIDR("10.0.0.0/7") && cidr(self.name).prefixLength() == 8', { name: '10.0.0.0/8' }, true],
    ['self.name in ["a", "b"]', { name: 'c' }, false],
    ['self.x__dash__y == "v"', { 'x-y': 'v' }, true],
    ['self.when > timestamp("2024-01-01T00:00:00Z")', { when: '2025-01-01T00:00:00Z' }, true],
    ['self.wait <= duration("1h")', { wait: '2h' }, false],
    ['type(self.port) == string ? self.port != "0" : self.port > 0', { port: 0 }, false],
    ['type(self.port) == string ? self.port != "0" : self.port > 0', { port: 'http' }, true],
    ['self.labels.all(k, k.startsWith("a"))', { labels: { ab: '1', ac: '2' } }, true],
    ['"constructor" in self.labels', { labels: {} }, false],
    ['self.labels.size() <= 1', { labels: { a: '1', b: '2' } }, false],
    ['self.list.isSorted() && self.list.sum() == 6 && self.list.max() == 3 && self.list.indexOf(2) == 1', { list: [1, 2, 3] }, true],
    ['self.name.find("[0-9]+") == "12"', { name: 'a12b' }, true],
  ])('%s of %j: %s', (text, value, holds) => expect(texts(spec([rule(text)], { all }), value)).toHaveLength(holds ? 0 : 1));

  it.each<[ValidationRule, string]>([
    [rule('self.min <= self.max'), 'spec: Invalid value: "object": failed rule: self.min <= self.max'],
    [rule('self.min <= self.max', { message: 'min must not exceed max' }), 'spec: Invalid value: "object": min must not exceed max'],
    [rule('self.min <= self.max', { messageExpression: '"min " + string(self.min) + " exceeds " + string(self.max)', message: 'no' }), 'spec: Invalid value: "object": min 3 exceeds 2'],
    [rule('self.min <= self.max', { messageExpression: 'self.name', message: 'plain' }), 'spec: Invalid value: "object": plain'],
    [rule('self.min <= self.max', { fieldPath: '.min', reason: 'FieldValueForbidden', message: 'too big' }), 'spec.min: Forbidden: too big'],
    [rule('self.name == ""'), 'spec: Invalid value: "object": no such key: name evaluating rule: self.name == ""'],
  ])('%j', (one, text) => expect(texts(spec([one]), { min: 3, max: 2 })).toEqual([text]));

  it('about transitions need an old value', () => {
    const schema = spec([], { fixed: { type: 'string', 'x-kubernetes-validations': [rule('self == oldSelf', { message: 'is immutable' })] } });
    expect(texts(schema, { fixed: 'a' })).toEqual([]);
    expect(texts(schema, { fixed: 'a' }, {})).toEqual([]);
    expect(texts(schema, { fixed: 'a' }, { fixed: 'a' })).toEqual([]);
    expect(texts(schema, { fixed: 'b' }, { fixed: 'a' })).toEqual(['spec.fixed: Invalid value: "string": is immutable']);
    const optional = spec([rule('oldSelf.hasValue() || self.min == 1', { optionalOldSelf: true, message: 'begins at 1' })]);
    expect(texts(optional, { min: 2 })).toEqual(['spec: Invalid value: "object": begins at 1']);
    expect(texts(optional, { min: 2 }, { min: 1 })).toEqual([]);
  });

  it('tell elements of map lists apart by their keys, and those of other lists not at all', () => {
    const items: StructuralSchema = { type: 'object', properties: { n: { type: 'string' }, v: { type: 'integer', 'x-kubernetes-validations': [rule('self >= oldSelf')] } } };
    const list = (more: Partial<StructuralSchema>) => spec([], { all: { type: 'array', items, ...more } });
    const [next, old] = [{ all: [{ n: 'b', v: 1 }, { n: 'a', v: 1 }] }, { all: [{ n: 'a', v: 2 }] }];
    expect(texts(list({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'] }), next, old)).toEqual(['spec.all[1].v: Invalid value: "integer": failed rule: self >= oldSelf']);
    expect(texts(list({}), next, old)).toEqual([]);
  });

  it('let stay what was as wrong before', () => expect(texts(spec([rule('self.min <= self.max')]), { min: 3, max: 2 }, { min: 3, max: 2 })).toEqual([]));
});

const typed: StructuralSchema = {
  type: 'object', properties: {
    a: { type: 'integer' }, b: { type: 'string' }, l: { type: 'array', items: { type: 'string' } }, o: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } }, r: { type: 'number' },
    m: { type: 'object', additionalProperties: { type: 'integer' } }, any: { 'x-kubernetes-preserve-unknown-fields': true }, w: { type: 'string', format: 'date-time' }, i: { 'x-kubernetes-int-or-string': true },
  },
};
// Recorded from a kube-apiserver.
it.each<[ValidationRule, string | undefined]>([
  [rule('self.a <= 1'), undefined], [rule('self.a < 1.5'), undefined], [rule('self.r < 2'), undefined], [rule('self.l == []'), undefined], [rule('self.m == {}'), undefined], [rule('self.o == oldSelf.o'), undefined],
  [rule('self == oldSelf'), undefined], [rule('self.w > timestamp("2024-01-01T00:00:00Z")'), undefined], [rule('self.i == 3 || self.i == "a"'), undefined], [rule('self.o.all(x, x.n > 1 && self.l.exists(y, y == "b"))'), undefined],
  [rule(''), 'S.x-kubernetes-validations[0].rule: Required value: rule is not specified'],
  [rule('self.zz > 1'), "compilation failed: ERROR: <input>:1:5: undefined field 'zz'\n | self.zz > 1\n | ....^"],
  [rule('self.a > 1 &&\n self.zz == 2', { message: 'm' }), "compilation failed: ERROR: <input>:2:6: undefined field 'zz'\n |  self.zz == 2\n | .....^"],
  [rule('self.o.exists(x, x.q == 1)'), "compilation failed: ERROR: <input>:1:19: undefined field 'q'\n | self.o.exists(x, x.q == 1)\n | ..................^"],
  [rule('self.any.x == 1'), "compilation failed: ERROR: <input>:1:5: undefined field 'any'\n | self.any.x == 1\n | ....^"],
  [rule('self.a + self.b > 2'), "compilation failed: ERROR: <input>:1:8: found no matching overload for '_+_' applied to '(int, string)'\n | self.a + self.b > 2\n | .......^"],
  [rule('self.r == 2'), "compilation failed: ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(double, int)'\n | self.r == 2\n | .......^"],
  [rule('self.b in self.a'), "compilation failed: ERROR: <input>:1:8: found no matching overload for '@in' applied to '(string, int)'\n | self.b in self.a\n | .......^"],
  [rule('!self.a'), "compilation failed: ERROR: <input>:1:1: found no matching overload for '!_' applied to '(int)'\n | !self.a\n | ^"],
  [rule('self.b.startsWith(1)'), "compilation failed: ERROR: <input>:1:18: found no matching overload for 'startsWith' applied to 'string.(int)'\n | self.b.startsWith(1)\n | .................^"],
  [rule('self.b.nope()'), "compilation failed: ERROR: <input>:1:12: undeclared reference to 'nope' (in container '')\n | self.b.nope()\n | ...........^"],
  [rule('quantity(self.b).isGreaterThan(quantity("1"))'), undefined], [rule('isURL(self.b) && url(self.b).getHost() == "a"'), undefined], [rule('isQuantity(self.b)'), undefined],
  [rule('quantity(self.a).isGreaterThan(quantity("1"))'), "found no matching overload for 'quantity' applied to '(int)'"],
  [rule('semver(self.b).major() == 1'), "compilation failed: ERROR: <input>:1:7: undeclared reference to 'semver' (in container '')"],
  [rule('has(self.o[0].n) && !has(self.m.x)'), undefined], [rule("has(self.b) && self.b.matches('(?i)a')"), undefined], [rule('has(self.o[0].zz)'), "undefined field 'zz'"], [rule('has(self.a.x)'), "type 'int' does not support field selection"],
  [rule('has(self)'), 'compilation failed: ERROR: <input>:1:5: invalid argument to has() macro\n | has(self)\n | ....^'],
  [rule('self.b.matches(1)'), "compilation failed: ERROR: <input>:1:15: found no matching overload for 'matches' applied to 'string.(int)'\n | self.b.matches(1)\n | ..............^"],
  [rule("self.b.matches('a') || self.zz"), "compilation failed: ERROR: <input>:1:28: undefined field 'zz'\n"],
  [rule('foo > 1'), "compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo > 1\n | ^"],
  [rule('self.m["a"].x == 1'), "compilation failed: ERROR: <input>:1:12: type 'int' does not support field selection"],
  [rule('self.a +'), "compilation failed: ERROR: <input>:1:9: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | self.a +\n | ........^"],
  [rule('(self.a'), "compilation failed: ERROR: <input>:1:8: Syntax error: missing ')' at '<EOF>'\n | (self.a\n | .......^"],
  [rule('self = 42'), "compilation failed: ERROR: <input>:1:6: Syntax error: token recognition error at: '= '\n | self = 42\n | .....^"],
  [rule('self.a'), 'Invalid value: apiextensions.ValidationRule{Rule:"self.a", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: cel expression must evaluate to a bool'],
  [rule('self.a > 1', { messageExpression: '1 + 1' }), 'messageExpression must evaluate to a string'],
  [rule('self.a > 1', { optionalOldSelf: true }), 'may not be set if oldSelf is not used in rule'],
  [rule('has(self.q)'), "undefined field 'q'"],
  [rule('has(self.a) && has(self.m.x) && has(self.o[0].n)'), undefined],
  [rule('has(self.a) && self.b.matches("x") && self.zz == 1'), "<input>:1:43: undefined field 'zz'\n | has(self.a) && self.b.matches(\"x\") && self.zz == 1\n | ..........................................^"],
  [rule('self.b.matches(1)'), "<input>:1:15: found no matching overload for 'matches' applied to 'string.(int)'"],
])('%j is accepted or refused', (one, text) => {
  const found = ruleProblems({ ...typed, 'x-kubernetes-validations': [one] }, 'S').map((e) => `${e.field}: ${e.detail}`);
  if (text === undefined) expect(found).toEqual([]);
  else expect(found[0]).toContain(text);
});

it('a whole resource has a name', () => {
  expect(ruleProblems({ ...typed, 'x-kubernetes-validations': [rule('self.metadata.name.startsWith("x")')] }, 'S', true)).toEqual([]);
  expect(ruleProblems({ ...typed, 'x-kubernetes-validations': [rule('self.metadata.labels == {}')] }, 'S', true)).toHaveLength(1);
});
