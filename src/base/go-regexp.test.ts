import { expect, test } from 'vitest';
import { goRegExp } from './go-regexp.ts';

const found = (pattern: string, text: string): string | undefined => goRegExp(pattern).exec(text)?.[0];

// What Go 1.26's FindString gives.
test.each<[string, string, string | undefined]>([
  ['^(?i)(abort|warn)?$', 'WARN', 'WARN'],
  ['^((?i)january|[1-9])(?:(:((?i)may|1[0-2]))$|$)', 'January:MAY', 'January:MAY'],
  ['a(?i)b|c(?-i)d', 'aB', 'aB'],
  ['(?i:a)b', 'AB', undefined],
  ['(?i)[a-c]+', 'aBCd', 'aBC'],
  ['(?i)k', '\u212a', '\u212a'],
  ['[[:alpha:]_]+', '1ab_2', 'ab_'],
  ['[[:^digit:]]+', '12ab', 'ab'],
  ['[]a]+', 'x]a', ']a'],
  ['(?s)a.b', 'a\nb', 'a\nb'],
  ['a.b', 'a\rb', 'a\rb'],
  ['(?m)^b$', 'a\nb\nc', 'b'],
  ['^b$', 'a\nb\nc', undefined],
  ['(?U)a+', 'aaa', 'a'],
  ['\\Aa\\z', 'a', 'a'],
  ['\\Qa+\\E+', 'a++', 'a++'],
  ['\\p{Greek}+', 'xΩω', 'Ωω'],
  ['\\s', '\u000b\u00a0', undefined],
  ['(?P<year>\\d{4})', 'in 2026', '2026'],
  ['x{,2}', 'x{,2}', 'x{,2}'],
  ['^*a', 'a', 'a'],
  ['\\x{1F600}', '😀', '😀'],
  ['^.$', '😀', '😀'],
  ['\\-\\_\\/', '-_/', '-_/'],
])('%j in %j is %j', (pattern, text, expected) => {
  expect(found(pattern, text)).toBe(expected);
});

// What Go 1.26's Compile says.
test.each([
  ['(a', 'missing closing ): `(a`'],
  ['a)', 'unexpected ): `a)`'],
  ['[a', 'missing closing ]: `[a`'],
  ['[z-a]', 'invalid character class range: `z-a`'],
  ['[[:foo:]]', 'invalid character class range: `[:foo:]`'],
  ['[[:constructor:]]', 'invalid character class range: `[:constructor:]`'],
  ['\\p{Foo}', 'invalid character class range: `\\p{Foo}`'],
  ['*a', 'missing argument to repetition operator: `*`'],
  ['a**', 'invalid nested repetition operator: `**`'],
  ['a{2}{3}', 'invalid nested repetition operator: `{2}{3}`'],
  ['a{1001}', 'invalid repeat count: `{1001}`'],
  ['a{3,1}', 'invalid repeat count: `{3,1}`'],
  ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
  ['(?<=a)', 'invalid named capture: `(?<=a)`'],
  ['(?P<n!>a)', 'invalid named capture: `(?P<n!>`'],
  ['\\1', 'invalid escape sequence: `\\1`'],
  ['\\Z', 'invalid escape sequence: `\\Z`'],
  ['a\\', 'trailing backslash at end of expression: ``'],
])('%j is refused: %s', (pattern, why) => {
  expect(() => goRegExp(pattern)).toThrow(`error parsing regexp: ${why}`);
});
