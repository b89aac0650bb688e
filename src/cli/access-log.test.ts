import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { realClock } from '../base/clock.ts';
import { openAccessLog } from './access-log.ts';

const record = { at: Date.UTC(2026, 0, 1), client: '127.0.0.1', method: 'GET', host: 'web.localhost', target: '/a?b="c"\n', status: 200, ms: 1.23456, pod: 'default/web-1', route: 'default/web', service: 'default/web' };

test('a line of JSON for each request, behind what is there; for its owner only', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'coracle-access-'));
  const file = join(directory, 'access.log');
  for (const target of ['/1', '/2']) {
    const log = openAccessLog(file, realClock());
    log.write(record);
    log.write({ ...record, target });
    await log.close();
  }
  const lines = readFileSync(file, 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => (JSON.parse(line) as { target: string }).target)).toEqual([record.target, '/1', record.target, '/2']);
  expect(JSON.parse(lines[0]!)).toMatchObject({ time: '2026-01-01T00:00:00.000Z', host: 'web.localhost', status: 200, ms: 1.235, pod: 'default/web-1' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(directory, { recursive: true });
});

test('a file that cannot be had is said at once', () => {
  expect(() => openAccessLog('/nonexistent/access.log', realClock())).toThrow(/--access-log \/nonexistent\/access.log: cannot be written: ENOENT/);
});
