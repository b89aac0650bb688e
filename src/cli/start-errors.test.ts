import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explainStart, makeDirectory } from './start-errors.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'coracle-test-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const wanted = { directory: '/data', port: 6443, httpPort: 80, httpsPort: 443 };
const system = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each<[Error, string]>([
  [system('EACCES', 'listen EACCES: permission denied 127.0.0.1:443'), 'this user may not listen on port 6443; choose one above 1023 with --port'],
  [system('EACCES', "EACCES: permission denied, open '/data/x'"), "the cluster cannot keep its state in /data (EACCES: permission denied, open '/data/x'); choose a directory that this user can write with --data-dir"],
  [system('ENOSPC', 'ENOSPC: no space left on device, write'), 'there is no space left for /data; free some, or choose another place with --data-dir'],
  [new Error('the ingress cannot listen on 127.0.0.1:443: another program listens there'), 'the ingress cannot listen on 127.0.0.1:443: another program listens there; choose another with --https-port, or --https-port 0 for any free one'],
  [new Error('something else'), 'something else'],
])('%s', (error, text) => {
  expect(explainStart(error, wanted).message).toBe(text);
});

test('a directory is made with those above it, for its owner alone', () => {
  makeDirectory(join(directory, 'a/b'));
  expect(statSync(join(directory, 'a/b')).mode & 0o777).toBe(0o700);
  makeDirectory(join(directory, 'a/b'));
});

test('a file in the way, and a place where nothing can be made', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => makeDirectory(join(directory, 'file'))).toThrow(/^the cluster cannot keep its state in \S+file \(EEXIST: .*choose a directory that this user can write with --data-dir$/);
  expect(() => makeDirectory('/proc/coracle/x')).toThrow(/^the cluster cannot keep its state in \/proc\/coracle\/x \(E/);
});
