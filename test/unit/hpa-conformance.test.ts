import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { CaseFile } from '../conformance/format.ts';
import { runFile } from '../conformance/run.ts';

test('the autoscaler passes every case of ours', async () => {
  const file = JSON.parse(readFileSync(new URL('../conformance/hpa-own.json', import.meta.url), 'utf8')) as CaseFile;
  const { passed, failures } = await runFile(file);
  expect(failures).toEqual([]);
  expect(passed).toBe(file.cases.length);
});
