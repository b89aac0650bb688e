/**
 * Runs table cases against the code: `npm run conformance -- hpa FILE`. Prints passed and failed counts and each failure; exit status 1 when one failed.
 * FILE holds cases of the autoscaler (kinds as in hpa-own.json), or of its printed columns (cases with `cells`).
 */
import { readFileSync } from 'node:fs';
import { calculations } from './calculations.ts';
import type { Case, CaseFile, Fields, Json } from './format.ts';
import { printed, type PrintCase } from './print.ts';
import { reconcile } from './reconcile.ts';

/** Runs every case; returns the failures in words. */
export async function runFile(file: CaseFile): Promise<{ passed: number; skipped: number; failures: string[] }> {
  const failures: string[] = [];
  let passed = 0;
  let skipped = 0;
  for (const item of file.cases as readonly (Case | PrintCase)[]) {
    if (!('kind' in item)) {
      const complaints = printed(item);
      if (complaints.length === 0) passed++;
      else failures.push(`print/${item.name}: ${complaints.join('; ')}`);
      continue;
    }
    if (item.semantics === 'legacy') {
      skipped++;
      continue;
    }
    const complaints = await check(item);
    if (complaints.length === 0) passed++;
    else failures.push(`${item.id}: ${complaints.join('; ')}`);
  }
  return { passed, skipped, failures };
}

async function check(item: Case): Promise<readonly string[]> {
  const calculate = item.kind === 'reconcile' ? reconcile : calculations[item.kind];
  if (!calculate) return [`no such kind of case: ${item.kind}`];
  try {
    return compare(await calculate(item.given), item.expect);
  } catch (error) {
    return [`threw ${(error as Error).stack}`];
  }
}

/** Complaints where what came out is not what the case expects; only what the case names is looked at. */
function compare(actual: Fields, expected: Fields): readonly string[] {
  const complaints: string[] = [];
  for (const [name, value] of Object.entries(expected)) {
    if (name === 'errorContains' || name === 'errorEquals') {
      const error = String(actual['error'] ?? '(no error)');
      if (name === 'errorEquals' ? error !== value : !error.includes(String(value))) complaints.push(`error: expected ${JSON.stringify(value)}, got ${JSON.stringify(error)}`);
    } else if (name === 'reconcile') {
      const { errorAlsoAccept, ...labels } = value as Fields;
      const got = actual[name] as Fields;
      if (!matches(got, labels) && !matches(got, { ...labels, error: errorAlsoAccept ?? null })) complaints.push(difference(name, labels, got));
    } else if (name === 'conditions' || name === 'events') {
      const got = (actual[name] as readonly Json[]) ?? [];
      const wanted = value as readonly Json[];
      if (got.length !== wanted.length || !wanted.every((item, index) => matches(got[index]!, item))) complaints.push(difference(name, value, got));
    } else if (!matches(actual[name] ?? null, value)) complaints.push(difference(name, value, actual[name] ?? null));
  }
  return complaints;
}

const difference = (name: string, expected: Json, got: Json) => `${name}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`;

/** Equal in all that is expected; an empty object expects nothing. */
function matches(actual: Json, expected: Json): boolean {
  if (Array.isArray(expected)) return Array.isArray(actual) && actual.length === expected.length && expected.every((item, index) => matches(actual[index] as Json, item as Json));
  if (typeof expected === 'object' && expected !== null) return typeof actual === 'object' && actual !== null && Object.entries(expected).every(([name, value]) => matches((actual as Fields)[name] ?? null, value));
  if (typeof expected === 'number' && typeof actual === 'number') return actual === expected || Math.abs(actual - expected) < 1e-9 * Math.abs(expected);
  return actual === expected;
}

function casesOf(path: string): CaseFile {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as CaseFile;
    if (!Array.isArray(file.cases)) throw new Error('it has no list "cases"');
    return file;
  } catch (error) {
    console.error(`${path} is no file of cases: ${(error as Error).message}`);
    process.exit(2);
  }
}

async function main(): Promise<void> {
  const [suite, path] = process.argv.slice(2);
  if (suite !== 'hpa' || path === undefined) {
    console.error('usage: npm run conformance -- hpa FILE');
    process.exit(2);
  }
  const { passed, skipped, failures } = await runFile(casesOf(path));
  for (const failure of failures) console.log(`FAIL ${failure}`);
  console.log(`${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped (legacy)` : ''}`);
  process.exit(failures.length > 0 ? 1 : 0);
}

if (process.argv[1]?.endsWith('run.ts')) await main();
