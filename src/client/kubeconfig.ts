import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { load as parseYaml } from 'js-yaml';
import type { Clock } from '../base/clock.ts';
import { execCredentials } from './exec-credential.ts';
import { type Fields, fields } from './fields.ts';
import type { Credentials, HttpClientConfig } from './http.ts';

export interface KubeconfigOptions {
  /** One file (`--kubeconfig`); default: those of $KUBECONFIG, else ~/.kube/config, else the pod's own. */
  readonly file?: string;
  /** Default: current-context. */
  readonly context?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Where a pod finds its token. */
  readonly serviceAccountDirectory?: string;
}

export interface LoadedConfig extends HttpClientConfig {
  /** The context's namespace; `default` where it names none. */
  readonly namespace: string;
  /** Undefined inside a pod. */
  readonly context?: string;
}

/**
 * Finds the cluster and the credentials as kubectl does (client-go tools/clientcmd): of several files, the first that sets a value wins. Throws an Error that names file and field.
 */
export function loadKubeconfig(clock: Clock, options: KubeconfigOptions = {}): LoadedConfig {
  const environment = options.environment ?? process.env;
  const listed = environment['KUBECONFIG']?.split(delimiter).filter((path) => path !== '') ?? [];
  const paths = options.file !== undefined ? [options.file] : listed.length > 0 ? listed : [join(environment['HOME'] ?? homedir(), '.kube', 'config')];
  // kubectl insists on the file that was named, and skips those of a list that are not there.
  const files = paths.map((path) => readFile(resolve(path), options.file === undefined)).filter((file) => file !== undefined);
  if (files.length === 0) {
    if (environment['KUBERNETES_SERVICE_HOST']) return inClusterConfig(environment, options.serviceAccountDirectory);
    throw new Error(`no kubeconfig found; looked for ${paths.join(', ')}. Set KUBECONFIG, or start a cluster`);
  }
  return configOf(files, options.context, clock);
}

/** The configuration that a pod is given (client-go rest.InClusterConfig). Throws when this is no pod. */
export function inClusterConfig(environment: NodeJS.ProcessEnv = process.env, directory = '/var/run/secrets/kubernetes.io/serviceaccount'): LoadedConfig {
  const [host, port] = [environment['KUBERNETES_SERVICE_HOST'], environment['KUBERNETES_SERVICE_PORT']];
  if (!host || !port) throw new Error('unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined');
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: readFileSync(join(directory, 'ca.crt')),
    namespace: readFileSync(join(directory, 'namespace'), 'utf8').trim(),
    credentials: tokenFile(join(directory, 'token'), `${directory}/token`),
  };
}

interface File {
  readonly path: string;
  readonly root: Fields;
}

function readFile(path: string, mayBeMissing: boolean): File | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (mayBeMissing && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error });
  }
  let parsed: unknown;
  try {
    parsed = parseYaml(text);
  } catch (error) {
    // The parser's message shows the offending lines, which may hold secrets: only its first line is passed on.
    // oxlint-disable-next-line eslint/preserve-caught-error
    throw new Error(`${path}: ${(error as Error).message.split('\n')[0]}`);
  }
  return { path, root: fields(path, '', parsed ?? {}) };
}

function configOf(files: readonly File[], wanted: string | undefined, clock: Clock): LoadedConfig {
  const names = files.map((file) => file.path).join(', ');
  const context = wanted ?? files.map((file) => file.root.text('current-context')).find((name) => name);
  if (!context) throw new Error(`${names}: current-context: is not set; choose one of: ${contextNames(files).join(', ') || 'none'}`);
  const chosen = named(files, 'contexts', 'context', context);
  if (!chosen) throw new Error(`${names}: contexts: there is no context "${context}"; there are: ${contextNames(files).join(', ') || 'none'}`);
  const clusterName = chosen.required('cluster');
  const cluster = named(files, 'clusters', 'cluster', clusterName);
  if (!cluster) throw new Error(`${chosen.at('cluster')}: there is no cluster "${clusterName}"`);
  const userName = chosen.text('user');
  const user = userName ? named(files, 'users', 'user', userName) : undefined;
  if (userName && !user) throw new Error(`${chosen.at('user')}: there is no user "${userName}"`);

  const server = cluster.required('server');
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) throw new Error(`${cluster.at('server')}: "${server}" is no http or https URL`);
  const ca = fileOrData(cluster, 'certificate-authority');
  const insecureSkipTlsVerify = cluster.flag('insecure-skip-tls-verify');
  if (ca && insecureSkipTlsVerify) throw new Error(`${cluster.at('insecure-skip-tls-verify')}: specifying a root certificates file with the insecure flag is not allowed`);
  if (cluster.text('proxy-url')) throw new Error(`${cluster.at('proxy-url')}: proxies are not supported`);
  return {
    context,
    namespace: chosen.text('namespace') || 'default',
    server,
    ...(ca && { ca }),
    ...(insecureSkipTlsVerify && { insecureSkipTlsVerify }),
    ...(cluster.text('tls-server-name') && { tlsServerName: cluster.text('tls-server-name') }),
    ...(user && { credentials: credentialsOf(user, cluster, ca, clock), ...impersonationOf(user) }),
  };
}

/** The entry of a named list, from the first file that has it. */
function named(files: readonly File[], list: string, content: string, name: string): Fields | undefined {
  for (const { root } of files) {
    const entry = root.items(list).find((item) => item.text('name') === name);
    if (entry) return entry.child(content, `${list}[${name}].${content}`) ?? fields(root.file, `${list}[${name}].${content}`, {});
  }
  return undefined;
}

const contextNames = (files: readonly File[]) => [...new Set(files.flatMap(({ root }) => root.items('contexts').map((item) => item.text('name') ?? '')))];

/** `FIELD-data` in base64, or the file that FIELD names, relative to the kubeconfig. */
function fileOrData(entry: Fields, field: string): Buffer | undefined {
  const data = entry.text(`${field}-data`);
  if (data) {
    if (!/^[A-Za-z0-9+/\s]+=*\s*$/.test(data)) throw new Error(`${entry.at(`${field}-data`)}: is no base64`);
    return Buffer.from(data, 'base64');
  }
  const path = entry.text(field);
  if (!path) return undefined;
  return readNamed(resolve(dirname(entry.file), path), entry.at(field));
}

function readNamed(path: string, where: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(`${where}: unable to read ${path}: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}

function credentialsOf(user: Fields, cluster: Fields, ca: Buffer | undefined, clock: Clock): HttpClientConfig['credentials'] {
  if (user.child('auth-provider')) throw new Error(`${user.at('auth-provider')}: was removed from Kubernetes in 1.26; use an exec plugin`);
  const certificate = fileOrData(user, 'client-certificate');
  const key = fileOrData(user, 'client-key');
  if (certificate && !key) throw new Error(`${user.at('client-key')}: client-key-data or client-key must be specified for the client certificate`);
  const pair = { ...(certificate && { certificate, key }) };
  const exec = user.child('exec');
  const [token, path, username] = [user.text('token'), user.text('tokenFile'), user.text('username')];
  if (exec) {
    const known = cluster.text('server');
    const about = exec.flag('provideClusterInfo') ? { server: known, ...(ca && { 'certificate-authority-data': ca.toString('base64') }), ...(cluster.flag('insecure-skip-tls-verify') && { 'insecure-skip-tls-verify': true }) } : undefined;
    if (exec.text('interactiveMode') === 'Always') throw new Error(`${exec.at('interactiveMode')}: "Always" is not supported; the plugin is run without a terminal`);
    const env = Object.fromEntries(exec.items('env').map((item) => [item.required('name'), item.text('value') ?? '']));
    const plugin = execCredentials({ apiVersion: exec.required('apiVersion'), command: exec.required('command'), args: exec.texts('args'), env, installHint: exec.text('installHint'), cluster: about, where: exec.at(''), file: exec.file }, clock);
    return async (retry) => ({ ...pair, ...(await plugin(retry)) });
  }
  if (path) {
    const read = tokenFile(resolve(dirname(user.file), path), user.at('tokenFile'));
    return async () => ({ ...pair, ...(await read()) });
  }
  const basic = username ? `Basic ${Buffer.from(`${username}:${user.text('password') ?? ''}`).toString('base64')}` : undefined;
  const fixed: Credentials = { ...pair, ...((token || basic) && { authorization: token ? `Bearer ${token}` : basic }) };
  return async () => fixed;
}

/** Read for each request: whoever gave it renews it. */
const tokenFile = (path: string, where: string) => async (): Promise<Credentials> => ({ authorization: `Bearer ${readNamed(path, where).toString().trim()}` });

function impersonationOf(user: Fields): Pick<HttpClientConfig, 'impersonate'> {
  const as = user.text('as');
  if (!as) return {};
  const extra = user.child('as-user-extra');
  return { impersonate: { user: as, uid: user.text('as-uid'), groups: user.texts('as-groups'), ...(extra && { extra: Object.fromEntries(extra.names().map((name) => [name, extra.texts(name)])) }) } };
}
