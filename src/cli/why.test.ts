import { expect, it } from 'vitest';
import { wrapped } from './why.ts';

it.each([
  ['a line that fits', 20, ['a line that fits']],
  ['any line where there is no terminal', undefined, ['any line where there is no terminal']],
  ['memory is 17026Ki, 0.111 times the target', 24, ['memory is 17026Ki, 0.111', '    times the target']],
  ['  web-5cf7fd55d5-pbs5s 16796Ki not counted', 30, ['  web-5cf7fd55d5-pbs5s 16796Ki', '      not counted']],
  ['a-word-that-is-longer-than-the-width and more', 20, ['a-word-that-is-longer-than-the-width', '    and more']],
])('%s', (line, width, expected) => expect(wrapped(line, width)).toEqual(expected));
