/**
 * The real helm (3 and 4), stern, k9s and the official Python client, unchanged. Each is taken from the PATH or from CORACLE_HELM (several: parted by colons),
 * CORACLE_STERN, CORACLE_K9S (needs tmux as well), CORACLE_PYTHON (a Python that has the package `kubernetes`); what is not there is skipped by name.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../src/cluster/cluster.ts';
import { startCluster } from '../src/cluster/start.ts';
import { program, runner } from './clients/programs.ts';

const isRoot = process.getuid?.() === 0;
const helms = (process.env['CORACLE_HELM']?.split(':') ?? [program('helm', '')]).filter((path) => path !== undefined);
const stern = program('stern', 'CORACLE_STERN');
const k9s = program('tmux', '') && program('k9s', 'CORACLE_K9S');
const python = [program('python3', 'CORACLE_PYTHON')].find((path) => path !== undefined && hasKubernetes(path));
const missing = [
  ...(helms.length === 0 ? ['helm (CORACLE_HELM)'] : []), ...(stern ? [] : ['stern (CORACLE_STERN)']),
  ...(k9s ? [] : ['k9s with tmux (CORACLE_K9S)']), ...(python ? [] : ["python3 with the package 'kubernetes' (CORACLE_PYTHON)"]),
];
const any = missing.length < 4;

test.runIf(!isRoot)('clients drive pods with a network of their own, which needs root: run as root', ({ skip }) => skip());
test.runIf(isRoot).for(missing)('%s is not installed: put it on the PATH, or name it in the variable', (_, { skip }) => skip());

describe.runIf(isRoot && any)('clients', () => {
  const home = mkdtempSync(join(tmpdir(), 'coracle-clients-'));
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: join(home, 'kubeconfig'), TERM: 'xterm-256color', LANG: 'C.UTF-8' };
  const run = runner(env);
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ dataDir: join(home, 'data') });
    writeFileSync(env.KUBECONFIG, cluster.kubeconfig, { mode: 0o600 });
    cpSync(join(import.meta.dirname, 'clients/chart'), join(home, 'chart'), { recursive: true });
    await cluster.images!.build({ context: join(import.meta.dirname, 'clients'), tags: ['greeter:1'], base: 'host' });
  });
  afterAll(async () => {
    await cluster?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  describe.for(helms)('%s', (helm) => {
    const release = `r${helms.indexOf(helm)}`;
    const namespace = `shop${helms.indexOf(helm)}`;
    const tell = (command: string, ...more: string[]) => run(helm, [...command.split(' '), ...more, '--namespace', namespace]);
    /** Runs helm, which must succeed. */
    const ok = async (command: string, ...more: string[]) => {
      const { out, code } = await tell(command, ...more);
      expect(code, out).toBe(0);
      return out;
    };
    const history = async () => (JSON.parse(await ok(`history ${release} -o json`)) as { status: string; description: string }[]).map(({ status }) => status);
    const chart = join(home, 'chart');

    test('a chart with every kind, hooks and a CRD: install, test, upgrade, roll back, uninstall', async () => {
      expect(await ok(`install ${release}`, chart, '--create-namespace', '--wait', '--timeout', '40s')).toContain('Greets with "hello" on Kubernetes v1.33.1.');
      const four = (await run(helm, ['version', '--short'])).out.startsWith('v4');
      expect(await ok(`status ${release}`, ...(four ? [] : ['--show-resources']))).toMatch(four ? /deployed/ : new RegExp(`${release}-web +1/1`));
      expect(await ok(`test ${release} --logs`)).toMatch(/Phase: +Succeeded[^]*hello from r\d-web-/);
      const secret = async () => (await run('kubectl', ['-n', namespace, 'get', 'secret', release, '-o', 'jsonpath={.data.password}'])).out;
      const before = await secret();
      expect(await ok(`upgrade ${release}`, chart, '--set', 'greeting=servus,replicas=2', '--wait', '--timeout', '40s')).toContain('Greets with "servus"');
      expect(await secret(), 'lookup found the Secret again').toBe(before);
      expect(await ok(`test ${release} --logs`)).toContain('servus from');
      await ok(`rollback ${release} 1 --wait --timeout 40s`);
      expect(await ok(`test ${release} --logs`)).toContain('hello from');
      expect(await ok(`get manifest ${release}`)).toContain('GREETING: "hello"');
      expect(await history()).toEqual(['superseded', 'superseded', 'deployed']);
      expect(await ok(`upgrade ${release}`, chart, '--dry-run=server', '--set', 'greeting=dry')).toContain('GREETING: "dry"');
      expect(await history()).toHaveLength(3);
    });

    test('an upgrade that fails is taken back', async () => {
      const failed = await tell(`upgrade ${release}`, chart, '--set', 'brokenUpgrade=true', '--atomic', '--wait', '--timeout', '20s');
      expect(failed.code).toBe(1);
      expect(failed.out).toMatch(/pre-upgrade hooks failed/);
      expect(failed.out).toContain('has been rolled back');
      expect((await history()).slice(-2)).toEqual(['failed', 'deployed']);
    });

    test('what the API refuses is said, with the field', async () => {
      const refused = await tell('install refused', chart, '--set', 'replicas=0');
      expect(refused.code).toBe(1);
      expect(refused.out).toContain('Widget.shop.example.com "refused" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1');
      await ok('uninstall refused');
    });

    test('uninstall leaves nothing of the release', async () => {
      await ok(`uninstall ${release} --wait --timeout 40s`);
      expect(JSON.parse(await ok('list -o json'))).toEqual([]);
      expect((await run('kubectl', ['-n', namespace, 'get', 'deploy,sts,ds,rc,cronjob,svc,ingress,hpa,widgets', '-o', 'name'])).out).toBe('');
    });
  });

  describe.runIf(stern)('stern', () => {
    test('prints the logs of every pod of a Deployment', async () => {
      const kubectl = (...args: string[]) => run('kubectl', args);
      await kubectl('create', 'deployment', 'logged', '--image=greeter:1', '--replicas=2');
      await kubectl('rollout', 'status', 'deployment/logged', '--timeout=30s');
      const lines = async () => (await run(stern!, ['deployment/logged', '--no-follow', '--color=never', '--template={{.PodName}} {{.Message}}\n'])).out.match(/^logged-\S+ listening on 8080$/gm);
      await expect.poll(lines, { timeout: 10_000 }).toHaveLength(2);
      await kubectl('delete', 'deployment', 'logged', '--wait=false');
    });
  });

  describe.runIf(python)('the Python client', () => {
    test('list, watch, create, patch, exec, port-forward, proxy, logs, apply', async () => {
      const { out, code } = await run(python!, [join(import.meta.dirname, 'clients/client.py')]);
      expect(out.trimEnd().split('\n')).toEqual([
        'version v1.33.1', 'strategic b', 'json d', 'scale 1', "watch ['ADDED', 'DELETED', 'MODIFIED']", 'exec got this 3', 'port-forward True None', 'proxy True', 'log True',
        'follow listening on 8080', 'apply one', 'conflict 409 True', 'force 2', 'done',
      ]);
      expect(code).toBe(0);
    });
  });

  describe.runIf(k9s)('k9s', () => {
    const tmux = (...args: string[]) => execFileSync('tmux', ['-S', join(home, 'tmux'), ...args], { env, encoding: 'utf8' });
    const keys = (...args: string[]) => tmux('send-keys', '-t', 'k9s', ...args);
    const type = (text: string) => keys('-l', text);
    const screen = () => tmux('capture-pane', '-p', '-t', 'k9s');
    /** What is on the screen, as soon as it holds the text. */
    const shows = (text: RegExp) => expect.poll(screen, { timeout: 20_000, interval: 200 }).toMatch(text);
    /** k9s takes a command key by key; what comes too fast is lost. */
    const view = async (command: string) => {
      type(`:${command}`);
      await shows(new RegExp(`> ?${command}`));
      keys('Enter');
    };
    beforeAll(async () => {
      await run('kubectl', ['create', 'deployment', 'seen', '--image=greeter:1']);
      await run('kubectl', ['set', 'resources', 'deployment/seen', '--requests=cpu=10m,memory=20Mi']);
      await run('kubectl', ['autoscale', 'deployment', 'seen', '--min=1', '--max=3', '--cpu-percent=50']);
      await run('kubectl', ['rollout', 'status', 'deployment/seen', '--timeout=30s']);
      tmux('new-session', '-d', '-s', 'k9s', '-x', '200', '-y', '40', k9s!);
    });
    afterAll(() => tmux('kill-server'));

    test('lists, describes, logs, a shell', async () => {
      await shows(/K8s Rev: +v1\.33\.1/);
      await view('pods');
      await shows(/seen-\S+ +● +1\/1 +Running/);
      await view('deploy');
      await shows(/seen +1\/1 +1 +1/);
      await view('hpa');
      await shows(/seen +Deployment\/seen +cpu: /);
      await view('events');
      await shows(/deployment\/seen +deployment-controller +Scaled up replica set/);
      await view('nodes');
      await shows(/node-1 +Ready/);
      await view('pods');
      await shows(/seen-\S+ +●/);
      keys('d');
      await shows(/Node: +node-1\/10\./);
      keys('Escape');
      await shows(/seen-\S+ +●/);
      keys('l');
      await shows(/listening on 8080/);
      keys('Escape');
      await shows(/seen-\S+ +●/);
      keys('s');
      await shows(/K9s-Shell.*\n.*#/);
      type('echo answer-$((6 * 7))');
      keys('Enter');
      await shows(/^answer-42/m);
      type('exit');
      keys('Enter');
      await shows(/seen-\S+ +●/);
    });
  });
});

function hasKubernetes(path: string): boolean {
  try {
    execFileSync(path, ['-c', 'import kubernetes'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
