/** The packed tarball, installed in an empty directory by plain npm: imported in plain Node, its types, its command. Skipped where npm can't have the dependencies. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const consumer = mkdtempSync(join(tmpdir(), 'coracle-package-'));
let unavailable: string | undefined;

beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', consumer], { cwd: root });
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module", "private": true }');
  try {
    await run('npm', ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', join(consumer, stdout.trim().split('\n').at(-1)!)], { cwd: consumer });
  } catch (error) {
    const text = String((error as { stderr?: string }).stderr);
    if (!/ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ENOTCACHED/.test(text)) throw error;
    unavailable = `npm cannot fetch the dependencies: ${text}`;
  }
}, 180_000);
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

test('a cluster in a test of twenty lines, in plain Node', async ({ skip }) => {
  if (unavailable) skip(unavailable);
  writeFileSync(join(consumer, 'own.test.mjs'), `
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resources, startCluster } from 'coracle';

test('a Deployment becomes pods', async () => {
  const cluster = await startCluster({ runtime: 'simulated' });
  const labels = { app: 'web' };
  await cluster.client.create(resources.Deployments, {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 3, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1' }] } } },
  });
  let ready;
  for (let i = 0; i < 200 && ready !== 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    ready = (await cluster.client.get(resources.Deployments, 'web', { namespace: 'default' })).status?.readyReplicas;
  }
  await cluster.stop();
  assert.equal(ready, 3);
});
`);
  const { stdout } = await run(process.execPath, ['--test', 'own.test.mjs'], { cwd: consumer });
  expect(stdout).toMatch(/pass 1\b/);
  expect(stdout).toMatch(/fail 0\b/);
});

test('its types are found, and are strict', async ({ skip }) => {
  if (unavailable) skip(unavailable);
  writeFileSync(join(consumer, 'use.ts'), `
import { resources, startCluster, type Cluster } from 'coracle';
const cluster: Cluster = await startCluster({ nodes: 2 });
export const phase: string | undefined = (await cluster.client.get(resources.Pods, 'web', { namespace: 'default' })).status?.phase;
// @ts-expect-error No Pod has such a field.
export const wrong = (await cluster.client.get(resources.Pods, 'web')).spec.contaners;
`);
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] };
  writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['use.ts'] }));
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', consumer]).catch((error: { stdout: string }) => expect(error.stdout).toBe(''));
});

test('its command runs, and the examples of the demo are there', async ({ skip }) => {
  if (unavailable) skip(unavailable);
  const command = join(consumer, 'node_modules/.bin/coracle');
  expect((await run(command, ['--version'])).stdout).toBe('0.1.0\n');
  const data = join(consumer, 'data');
  const example = join(consumer, 'node_modules/coracle/examples/dummy-api');
  expect((await run(command, ['build', example, '-t', 'dummy-api:1', '--base', 'host', '--data-dir', data])).stdout).toMatch(/^Built sha256:\w+ as dummy-api:1$/m);
});
