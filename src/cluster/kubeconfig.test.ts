import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { KubeConfig } from '@kubernetes/client-node';
import { virtualClock } from '../base/clock.ts';
import { loadKubeconfig } from '../client/kubeconfig.ts';
import { kubeconfigOf } from './kubeconfig.ts';

const text = kubeconfigOf('dev', 'https://127.0.0.1:6443', 'CA\n', { cert: 'CERT\n', key: 'KEY\n' });

test('the official client reads it', () => {
  const config = new KubeConfig();
  config.loadFromString(text);
  expect(config.getCurrentContext()).toBe('dev');
  expect(config.getContextObject('dev')).toMatchObject({ cluster: 'dev', user: 'dev' });
  expect(config.getCurrentCluster()).toMatchObject({ server: 'https://127.0.0.1:6443', caData: Buffer.from('CA\n').toString('base64') });
  expect(config.getCurrentUser()).toMatchObject({ certData: Buffer.from('CERT\n').toString('base64'), keyData: Buffer.from('KEY\n').toString('base64') });
});

test('our own reads it, with the certificates as they were', async ({ onTestFinished }) => {
  const directory = mkdtempSync(join(tmpdir(), 'coracle-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(join(directory, 'config'), text);
  const { server, ca, context, namespace, credentials } = loadKubeconfig(virtualClock(), { file: join(directory, 'config') });
  const { certificate, key } = (await credentials?.(false)) ?? {};
  expect([server, context, namespace, ...[ca, certificate, key].map(String)]).toEqual(['https://127.0.0.1:6443', 'dev', 'default', 'CA\n', 'CERT\n', 'KEY\n']);
});
