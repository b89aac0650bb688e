import { describe, expect, test } from 'vitest';
import { expand, parseDockerfile, words } from './dockerfile.ts';
import { globMatcher, ignoreFilter } from './ignore.ts';
import { duration, keyValues } from './settings.ts';
import { resolveUser } from './users.ts';

describe('Dockerfile', () => {
  test('instructions with lines, flags, forms, continuation and here-documents', () => {
    const steps = parseDockerfile(
      ['# syntax=docker/dockerfile:1', 'ARG V=1', 'FROM --platform=linux/amd64 alpine:${V} AS b', 'RUN echo a \\', '  # no', '', '  && echo b', 'COPY <<"A" <<B /etc/', 'one $x', 'A', 'two', 'B', 'RUN <<EOF', 'echo 1', 'echo 2', 'EOF', 'CMD ["sh", "-c", "x"]'].join('\n'),
    );
    expect(steps.map(({ keyword, line, text, json }) => [keyword, line, json ?? text])).toEqual([
      ['ARG', 2, 'V=1'],
      ['FROM', 3, 'alpine:${V} AS b'],
      ['RUN', 4, 'echo a   && echo b'],
      ['COPY', 8, '<<"A" <<B /etc/'],
      ['RUN', 13, '<<EOF'],
      ['CMD', 17, ['sh', '-c', 'x']],
    ]);
    expect(steps[1]!.flags).toEqual([['platform', 'linux/amd64']]);
    expect(steps[3]!.heredocs).toEqual([
      { name: 'A', expand: false, content: 'one $x\n' },
      { name: 'B', expand: true, content: 'two\n' },
    ]);
    expect(steps[4]!.heredocs[0]!.content).toBe('echo 1\necho 2\n');
  });
  test.each([
    ['', 'Dockerfile:1: the Dockerfile is empty'],
    ['FROM x\nCOPPY a b', 'Dockerfile:2: unknown instruction: COPPY'],
    ['ARG a\nRUN x\nFROM x', 'Dockerfile:2: no build stage in current context'],
    ['FROM x\nRUN <<EOF\necho', 'Dockerfile:2: unterminated heredoc EOF'],
  ])('%j is refused', (text, message) => expect(() => parseDockerfile(text)).toThrow(message));

  const variables = (name: string) => ({ a: 'A', empty: '' })[name];
  test.each([
    ['$a/${a}b', 'A/Ab'],
    ['${none:-x$a}', 'xA'],
    ['${empty:-x}${empty-y}', 'x'],
    ['${a:+set}${none:+no}', 'set'],
    ["'$a' \"$a\" \\$a", '$a A $a'],
    ['"a\\"b"', 'a"b'],
    ['x$', 'x$'],
  ])('%s expands to %s', (text, result) => expect(expand(text, variables)).toBe(result));
  test('words keep quotes together', () => expect(words('a "b c"  d\\ e')).toEqual(['a', '"b c"', 'd\\ e']));
  test('ENV in both forms', () => {
    expect(keyValues('a=b "c"="d e"')).toEqual([['a', 'b'], ['"c"', '"d e"']]);
    expect(keyValues('name the whole rest')).toEqual([['name', 'the whole rest']]);
    expect(() => keyValues('lonely')).toThrow('Must be of the form: name=value');
  });
  test('durations', () => {
    expect(duration('1m30s')).toBe(90e9);
    expect(() => duration('5x')).toThrow('invalid duration');
  });
});

describe('.dockerignore', () => {
  const ignored = ignoreFilter('# comment\nnode_modules\n*.log\n!keep.log\ndocs/**/*.md\n/build/\n**/tmp');
  test.each([
    ['node_modules/x/y', true],
    ['src/node_modules', false],
    ['a.log', true],
    ['keep.log', false],
    ['docs/a/b.md', true],
    ['docs/b.md', true],
    ['build/out', true],
    ['x/y/tmp/z', true],
    ['src/a.ts', false],
  ])('%s: %s', (path, expected) => expect(ignored(path)).toBe(expected));
  test.each([
    ['a?c', 'abc', true],
    ['[a-c]x', 'bx', true],
    ['python:*', 'python:3.9-slim', true],
    ['*.ts', 'a/b.ts', false],
    ['a\\*', 'a*', true],
  ])('glob %s on %s: %s', (pattern, path, expected) => expect(globMatcher(pattern)(path)).toBe(expected));
});

test('users by name and number, as an image has them', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nweb:x:101:102::/:/bin/false\n';
  const group = 'root:x:0:\nweb:x:102:\nextra:x:200:web,root\n';
  expect(resolveUser('', passwd, group)).toEqual({ uid: 0, gid: 0, supplementalGroups: [200] });
  expect(resolveUser('web', passwd, group)).toEqual({ uid: 101, gid: 102, supplementalGroups: [200] });
  expect(resolveUser('101:extra', passwd, group)).toEqual({ uid: 101, gid: 200, supplementalGroups: [] });
  expect(resolveUser('999:998', passwd, group)).toEqual({ uid: 999, gid: 998, supplementalGroups: [] });
  expect(() => resolveUser('nobody', passwd, group)).toThrow('unable to find user nobody: no matching entries in passwd file');
});
