import { stripVTControlCharacters } from 'node:util';
import { afterEach, expect, test, vi } from 'vitest';
import { StatusError } from '../api/errors.ts';
import { wantsColors } from './colors.ts';
import { columns, fail, sizeText } from './output.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test.each<[string, Record<string, string>, boolean, boolean]>([
  ['a terminal', { TERM: 'xterm' }, true, true],
  ['a file', {}, false, false],
  ['a CI', { CI: 'true' }, false, false],
  ['a terminal that has none', { TERM: 'dumb' }, true, false],
  ['who wants none', { NO_COLOR: '1' }, true, false],
  ['who wants none and them', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ['who wants them in a file', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
])('colours: %s', (_, environment, terminal, wanted) => expect(wantsColors(environment, terminal)).toBe(wanted));

test('columns are three apart, and nothing trails', () => {
  expect(columns([['NAME', 'READY', 'AGE'], ['a-long-name', '1/1', ''], ['b', '10/10', '5m']])).toBe('NAME          READY   AGE\na-long-name   1/1\nb             10/10   5m');
  expect(columns([])).toBe('');
});

const failed = (error: unknown): { text: string; code: unknown } => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => { throw new Error('ended'); });
  expect(() => fail(error)).toThrow('ended');
  return { text: stripVTControlCharacters(write.mock.calls.map(([text]) => String(text)).join('')), code: exit.mock.calls[0]?.[0] };
};

test('a failure is one sentence on stderr and exit code 1', () => {
  const status = new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 404, reason: 'NotFound', message: 'pods "a" not found' });
  expect(failed(status)).toEqual({ text: 'error: pods "a" not found\n', code: 1 });
  expect(failed('odd').text).toContain('error: odd\n');
});

test('with CORACLE_DEBUG also where it came from', () => {
  vi.stubEnv('CORACLE_DEBUG', '1');
  expect(failed(new Error('broken')).text).toMatch(/^error: broken\nError: broken\n\s+at /);
});

test.each([[0, '0B'], [412, '412B'], [1_234, '1.2kB'], [56_300_000, '56.3MB'], [1_500_000_000, '1.5GB'], [2e12, '2000.0GB']])('%d bytes are %s', (bytes, text) => expect(sizeText(bytes)).toBe(text));
