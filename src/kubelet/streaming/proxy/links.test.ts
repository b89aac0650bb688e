import { expect, test } from 'vitest';
import fc from 'fast-check';
import { linkRewriter } from './links.ts';

const rewrite = (url: string) => (url.startsWith('/') ? `/p${url}` : url);
const whole = (page: string) => {
  const links = linkRewriter(rewrite);
  return links.next(page) + links.end();
};

test.each([
  ['<a href="/rewriteme">test</a>', '<a href="/p/rewriteme">test</a>'],
  ["<IMG alt='/x' SRC='/y'>", "<IMG alt='/x' SRC='/p/y'>"],
  ['<link rel=x href=/style.css>', '<link rel=x href="/p/style.css">'],
  ['<a href="b">, <b href="/x">, 1 < 2, a<', '<a href="b">, <b href="/x">, 1 < 2, a<'],
  ['<!-- <a href="/x"> --><a title="a>b" href="/y">', '<!-- <a href="/x"> --><a title="a>b" href="/p/y">'],
  ['<script src="/s.js">if (a<b) x = \'<a href="/x">\'</script><a href="/y">', '<script src="/p/s.js">if (a<b) x = \'<a href="/x">\'</script><a href="/p/y">'],
  ['<!DOCTYPE html><a href="/x"', '<!DOCTYPE html><a href="/x"'],
])('%s', (page, expected) => expect(whole(page)).toBe(expected));

test('the same in whatever pieces it comes', () => {
  const part = fc.constantFrom('<a href="/x">', '<script>', '</script>', '<!--', '-->', '"', "'", '<', '>', 'a', ' ', '<img src=/y', '/', '!');
  fc.assert(fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(40), { maxLength: 4 }), (parts, cuts) => {
    const page = parts.join('');
    const at = [...new Set(cuts.map((cut) => cut % (page.length + 1)))].sort((a, b) => a - b);
    const links = linkRewriter(rewrite);
    const pieces = [...at, page.length].map((end, i) => links.next(page.slice(at[i - 1] ?? 0, end)));
    expect(pieces.join('') + links.end()).toBe(whole(page));
  }));
});
