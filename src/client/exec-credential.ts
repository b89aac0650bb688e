import { execFile } from 'node:child_process';
import { dirname, isAbsolute, resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Credentials } from './http.ts';

/** `users[].user.exec` of a kubeconfig (client-go plugin/pkg/client/auth/exec). */
export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint?: string;
  /** What the plugin is told of the cluster, with `provideClusterInfo`. */
  readonly cluster?: object;
  /** `FILE: users[NAME].user.exec`, for errors. */
  readonly where: string;
  readonly file: string;
}

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const LONGEST_ANSWER = 1024 * 1024;

interface Answer extends Credentials {
  readonly expiresMs: number;
}

/** Runs the plugin when there are no credentials, when they have expired and when the server refused them; callers at the same time share one run. */
export function execCredentials(config: ExecConfig, clock: Clock): (retry: boolean) => Promise<Credentials> {
  if (!VERSIONS.includes(config.apiVersion)) throw new Error(`${config.where}.apiVersion: "${config.apiVersion}" is not supported; expected ${VERSIONS.join(' or ')}`);
  let known: Answer | undefined;
  let running: Promise<Answer> | undefined;
  return async (retry) => {
    if (known && !retry && clock.now() < known.expiresMs) return known;
    running ??= run(config).finally(() => {
      running = undefined;
    });
    return (known = await running);
  };
}

async function run(config: ExecConfig): Promise<Answer> {
  const { where, apiVersion, cluster } = config;
  const request = { apiVersion, kind: 'ExecCredential', spec: { ...(cluster && { cluster }), interactive: false } };
  // A path is relative to the kubeconfig, a bare name is looked up in PATH.
  const command = config.command.includes('/') && !isAbsolute(config.command) ? resolve(dirname(config.file), config.command) : config.command;
  const output = await new Promise<string>((resolve, reject) => {
    const child = execFile(command, config.args, { env: { ...process.env, ...config.env, KUBERNETES_EXEC_INFO: JSON.stringify(request) }, maxBuffer: LONGEST_ANSWER }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const why = missing ? `executable ${command} not found${config.installHint ? `\n\n${config.installHint}` : ''}` : `executable ${command} failed with exit code ${error.code}: ${stderr.trim().slice(0, 2000)}`;
      reject(new Error(`${where}: getting credentials: exec: ${why}`));
    });
    child.stdin?.end();
  });
  return read(output, config);
}

function read(output: string, { where, apiVersion }: ExecConfig): Answer {
  let answer: { apiVersion?: unknown; kind?: unknown; status?: Record<string, unknown> };
  try {
    answer = JSON.parse(output) as typeof answer;
  } catch {
    // The output may hold a secret; it is not shown.
    throw new Error(`${where}: the plugin's output is no JSON`);
  }
  if (answer?.kind !== 'ExecCredential' || answer.apiVersion !== apiVersion) throw new Error(`${where}: the plugin answered with ${String(answer?.apiVersion)} ${String(answer?.kind)}, expected ${apiVersion} ExecCredential`);
  const text = (field: string) => (typeof answer.status?.[field] === 'string' ? (answer.status[field] as string) : undefined);
  const [token, certificate, key, expires] = [text('token'), text('clientCertificateData'), text('clientKeyData'), text('expirationTimestamp')];
  if (!token && !certificate) throw new Error(`${where}: the plugin gave neither status.token nor status.clientCertificateData`);
  if (Boolean(certificate) !== Boolean(key)) throw new Error(`${where}: the plugin must give both status.clientCertificateData and status.clientKeyData`);
  const expiresMs = expires === undefined ? Infinity : Date.parse(expires);
  if (Number.isNaN(expiresMs)) throw new Error(`${where}: status.expirationTimestamp: "${expires}" is no RFC 3339 time`);
  return { expiresMs, ...(token && { authorization: `Bearer ${token}` }), ...(certificate && { certificate, key }) };
}
