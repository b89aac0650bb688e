import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { virtualClock } from '../base/clock.ts';
import { type KubeconfigOptions, loadKubeconfig } from './kubeconfig.ts';

const root = mkdtempSync(join(tmpdir(), 'coracle-kubeconfig-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'case-'));
});

const write = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
const base64 = (text: string) => Buffer.from(text).toString('base64');
const load = (options: KubeconfigOptions) => loadKubeconfig(virtualClock(), { environment: {}, ...options });
const config = (user: string, cluster = 'server: https://h:6443') => `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: u, namespace: ns}}]
clusters: [{name: k, cluster: {${cluster}}}]
users: [{name: u, user: {${user}}}]
`;

describe('loadKubeconfig', () => {
  it('reads server, namespace, certificates inline and from files beside the config', async () => {
    write('ca.pem', 'CA');
    write('key.pem', 'KEY');
    const file = write('config', config(`client-certificate-data: ${base64('CERT')}, client-key: key.pem`, 'server: https://h:6443/prefix, certificate-authority: ca.pem, tls-server-name: other'));
    const loaded = load({ file });
    expect(loaded).toMatchObject({ context: 'c', namespace: 'ns', server: 'https://h:6443/prefix', ca: Buffer.from('CA'), tlsServerName: 'other' });
    expect(await loaded.credentials?.(false)).toEqual({ certificate: Buffer.from('CERT'), key: Buffer.from('KEY') });
  });

  it.each([
    ['token: abc', 'Bearer abc'],
    ['username: jane, password: p', `Basic ${base64('jane:p')}`],
    ['tokenFile: token', 'Bearer from-file'],
    ['tokenFile: token, token: abc', 'Bearer from-file'],
  ])('authorizes with %s', async (user, authorization) => {
    write('token', 'from-file\n');
    expect(await load({ file: write('config', config(user)) }).credentials?.(false)).toEqual({ authorization });
  });

  it('reads a token file anew for each request', async () => {
    write('token', 'one');
    const { credentials } = load({ file: write('config', config('tokenFile: token')) });
    await credentials?.(false);
    write('token', 'two');
    expect(await credentials?.(false)).toEqual({ authorization: 'Bearer two' });
  });

  it('merges the files of KUBECONFIG, the first that sets a value wins, and skips those that are not there', () => {
    const one = write('one', 'contexts: [{name: c, context: {cluster: k}}]\nclusters: []\n');
    const two = write('two', 'current-context: c\ncontexts: [{name: c, context: {cluster: other}}]\nclusters: [{name: k, cluster: {server: "http://two"}}]\n');
    const three = write('three', 'current-context: x\nclusters: [{name: k, cluster: {server: "http://three"}}]\n');
    expect(load({ environment: { KUBECONFIG: [one, join(directory, 'none'), two, three].join(':') } })).toMatchObject({ context: 'c', server: 'http://two', namespace: 'default' });
  });

  it('falls back to ~/.kube/config, then to the pod it is in', async () => {
    mkdirSync(join(directory, '.kube'));
    write('ca.crt', 'CA');
    write('token', 'T');
    write('namespace', 'mine');
    const environment = { HOME: directory, KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const inPod = load({ environment, serviceAccountDirectory: directory });
    expect(inPod).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'mine', ca: Buffer.from('CA') });
    expect(await inPod.credentials?.(false)).toEqual({ authorization: 'Bearer T' });
    write('.kube/config', config('token: a'));
    expect(load({ environment })).toMatchObject({ server: 'https://h:6443' });
  });

  it('impersonates', () => {
    expect(load({ file: write('config', config('token: a, as: jane, as-groups: [x], as-user-extra: {k: [v]}')) }).impersonate).toEqual({ user: 'jane', uid: undefined, groups: ['x'], extra: { k: ['v'] } });
  });

  it.each([
    ['not there', undefined, 'no such file'],
    ['no YAML', 'a: [', 'FILE: '],
    ['a list', '- a', 'FILE: the file: expected a mapping, found a list'],
    ['no context', 'contexts: [{name: a}, {name: b}]', 'FILE: current-context: is not set; choose one of: a, b'],
    ['unknown context', 'current-context: x\ncontexts: [{name: a}]', 'FILE: contexts: there is no context "x"; there are: a'],
    ['no cluster', 'current-context: a\ncontexts: [{name: a}]', 'FILE: contexts[a].context.cluster: is required'],
    ['unknown cluster', 'current-context: a\ncontexts: [{name: a, context: {cluster: k}}]', 'FILE: contexts[a].context.cluster: there is no cluster "k"'],
    ['a number', config('token: 5'), 'FILE: users[u].user.token: expected a string, found a number'],
    ['a bad server', config('token: a', 'server: "ftp://x"'), 'FILE: clusters[k].cluster.server: "ftp://x" is no http or https URL'],
    ['no base64', config('token: a', 'server: https://h, certificate-authority-data: "***"'), 'FILE: clusters[k].cluster.certificate-authority-data: is no base64'],
    ['a missing file', config('client-certificate: nope.pem'), 'FILE: users[u].user.client-certificate: unable to read DIR/nope.pem: ENOENT'],
    ['no key', config(`client-certificate-data: ${base64('x')}`), 'FILE: users[u].user.client-key: client-key-data or client-key must be specified'],
    ['auth-provider', config('auth-provider: {name: gcp}'), 'FILE: users[u].user.auth-provider: was removed from Kubernetes in 1.26; use an exec plugin'],
    ['an old exec', config('exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}'), 'FILE: users[u].user.exec.apiVersion: "client.authentication.k8s.io/v1alpha1" is not supported'],
  ])('refuses %s and says where', (_, text, message) => {
    const file = text === undefined ? join(directory, 'config') : write('config', text);
    expect(() => load({ file })).toThrow(message.replace('FILE', file).replace('DIR', directory));
  });

  it('shows no secret in a parse error', () => {
    const file = write('config', 'users:\n- name: u\n  user: {token: s3cret\n');
    expect(() => load({ file })).toThrow(/^(?![\s\S]*s3cret)/);
  });
});

describe('exec plugins', () => {
  const plugin = (script: string) => {
    chmodSync(write('plugin', `#!/bin/sh\n${script}\n`), 0o755);
  };
  const exec = (more = '') => config(`exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, args: [get, "a b"], env: [{name: WHO, value: jane}]${more}}`, 'server: https://h:6443');
  const answer = (status: string) => `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{${status}}}'`;

  it('runs once until the credentials expire or are refused', async () => {
    plugin(`echo "$@" "$WHO" "$KUBERNETES_EXEC_INFO" >> calls; n=$(wc -l < calls); ${answer('"token":"t\'$n\'","expirationTimestamp":"2025-01-01T00:01:00Z"')}`.replaceAll('calls', join(directory, 'calls')));
    const clock = virtualClock();
    const { credentials } = loadKubeconfig(clock, { file: write('config', exec(', provideClusterInfo: true')), environment: {} });
    const token = async (retry = false) => (await credentials!(retry)).authorization?.trim();
    expect(await Promise.all([token(), token()])).toEqual(['Bearer t1', 'Bearer t1']);
    expect(await token()).toBe('Bearer t1');
    expect(await token(true)).toBe('Bearer t2');
    await clock.advance(60_000);
    expect(await token()).toBe('Bearer t3');
  });

  it.each([
    ['fails', 'echo why >&2; exit 3', 'failed with exit code 3: why'],
    ['talks', 'echo s3cret', "the plugin's output is no JSON"],
    ['answers another version', `echo '{"apiVersion":"x","kind":"ExecCredential"}'`, 'the plugin answered with x ExecCredential, expected client.authentication.k8s.io/v1 ExecCredential'],
    ['gives nothing', answer(''), 'the plugin gave neither status.token nor status.clientCertificateData'],
  ])('says why when a plugin %s', async (_, script, message) => {
    plugin(script);
    const file = write('config', exec());
    const { credentials } = load({ file });
    await expect(credentials!(false)).rejects.toThrow(message);
    await expect(credentials!(false)).rejects.toThrow(`${file}: users[u].user.exec`);
  });

  it('shows the install hint when the plugin is missing', async () => {
    const { credentials } = load({ file: write('config', exec(', installHint: brew install it')) });
    await expect(credentials!(false)).rejects.toThrow('not found\n\nbrew install it');
  });
});
