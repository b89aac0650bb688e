import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLabelSelector, labelSelectorFromObject, matchesLabels, parseFieldSelector, parseLabelSelector } from './selectors.ts';

describe('parseLabelSelector', () => {
  it.each([
    ['', ''], ['a=b', 'a=b'], ['a==b', 'a==b'], ['a!=b', 'a!=b'], ['x', 'x'], ['!x', '!x'], ['b=1,a=2', 'a=2,b=1'], ['x in (b,a)', 'x in (a,b)'], ['x notin ( a , b )', 'x notin (a,b)'],
    ['x in (,a)', 'x in (,a)'], ['x in ()', 'x in ()'], ['in in (in,notin)', 'in in (in,notin)'], ['a=', 'a='], ['a=,b=', 'a=,b='], ['x>1', 'x>1'], ['example.com/a < 5', 'example.com/a<5'],
  ])('%j is %j', (text, canonical) => expect(formatLabelSelector(parseLabelSelector(text))).toBe(canonical));

  it.each([
    ['=x', "found '=', expected: !, identifier, or 'end of string'"],
    ['==x', "found '==', expected: !, identifier, or 'end of string'"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b,', "unable to parse requirement: found '', expected: ',', or identifier"],
    ['a in (=)', "unable to parse requirement: found '=', expected: ',', ')' or identifier"],
    ['a==(', "unable to parse requirement: found '(', expected: identifier"],
    ['a>x', `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`],
  ])('refuses %j', (text, message) => expect(() => parseLabelSelector(text)).toThrow(message));

  it('refuses bad keys and values with the path upstream gives', () => {
    expect(() => parseLabelSelector('a$=b')).toThrow(/^unable to parse requirement: <nil>: Invalid value: "a\$": name part must consist of/);
    expect(() => parseLabelSelector('a=-b')).toThrow(/^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-b": a valid label must be an empty string or consist of/);
  });

  it.each([
    ['a=b', { a: 'b' }, true], ['a=b', {}, false], ['a!=b', {}, true], ['a!=b', { a: 'b' }, false], ['a in (b,c)', { a: 'c' }, true], ['a notin (b)', { a: 'b' }, false],
    ['a', { a: '' }, true], ['!a', { a: '' }, false], ['a>5', { a: '6' }, true], ['a>5', { a: 'x' }, false], ['a<5', { a: '-6' }, true], ['a=b,c=d', { a: 'b' }, false],
    ['constructor', {}, false], ['', {}, true],
  ])('%j on %j is %s', (text, labels, matched) => expect(matchesLabels(parseLabelSelector(text), labels as Record<string, string>)).toBe(matched));

  it('never does anything but parse or throw a SelectorError', () => fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'in', '=', '!', '(', ')', ',', ' ', '>', '\0', '$') }), (text) => {
    let parsed;
    try {
      parsed = parseLabelSelector(text);
    } catch (error) {
      expect((error as Error).name).toBe('SelectorError');
      return;
    }
    expect(formatLabelSelector(parseLabelSelector(formatLabelSelector(parsed)))).toBe(formatLabelSelector(parsed));
  })));
});

describe('labelSelectorFromObject', () => {
  it('matches nothing when absent and everything when empty', () => {
    expect(labelSelectorFromObject(undefined)({ a: 'b' })).toBe(false);
    expect(labelSelectorFromObject({})(undefined)).toBe(true);
  });

  it('takes both parts', () => {
    const matcher = labelSelectorFromObject({ matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'NotIn', values: ['x', 'y'] }, { key: 'd', operator: 'Exists' }] });
    expect(matcher({ a: 'b', d: '' })).toBe(true);
    expect(matcher({ a: 'b', c: 'x', d: '' })).toBe(false);
    expect(formatLabelSelector({ matchLabels: { b: '1', a: '2' } })).toBe('a=2,b=1');
  });

  it.each([
    [{ matchExpressions: [{ key: 'a', operator: 'Near' }] }, '"Near" is not a valid label selector operator'],
    [{ matchExpressions: [{ key: 'a', operator: 'In' }] }, "values: Invalid value: []string{}: for 'in', 'notin' operators, values set can't be empty"],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] }, 'values: Invalid value: []string{"b"}: values set must be empty for exists and does not exist'],
  ])('refuses %j', (selector, message) => expect(() => labelSelectorFromObject(selector)).toThrow(message));
});

describe('parseFieldSelector', () => {
  it('reads terms in order of their text', () => {
    expect(parseFieldSelector('status.phase!=Failed,spec.nodeName==n1,a=')).toEqual([
      { field: 'a', operator: '=', value: '' }, { field: 'spec.nodeName', operator: '=', value: 'n1' }, { field: 'status.phase', operator: '!=', value: 'Failed' }]);
    expect(parseFieldSelector(String.raw`a=b\,c\=d\\`)).toEqual([{ field: 'a', operator: '=', value: 'b,c=d\\' }]);
    expect(parseFieldSelector('')).toEqual([]);
  });

  it.each([['foo', "invalid selector: 'foo'; can't understand 'foo'"], ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    [String.raw`a=\x`, String.raw`invalid field selector: invalid escape sequence: \x`], ['a=\\', 'invalid field selector: invalid escape sequence: \\']])(
    'refuses %j', (text, message) => expect(() => parseFieldSelector(text)).toThrow(message));
});
