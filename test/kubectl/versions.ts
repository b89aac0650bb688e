import { execFileSync } from 'node:child_process';
import { coerce } from 'semver';

export interface Kubectl {
  readonly path: string;
  /** `1.33.1` */
  readonly version: string;
}

/** The kubectl programs that CORACLE_KUBECTLS names (paths, parted by colons), else the one on the PATH, else none. */
export function installedKubectls(): Kubectl[] {
  const paths = process.env['CORACLE_KUBECTLS']?.split(':').filter(Boolean) ?? onPath();
  return paths.map((path) => ({ path, version: versionOf(path) }));
}

function onPath(): string[] {
  try {
    return [execFileSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).trim()];
  } catch {
    return [];
  }
}

function versionOf(path: string): string {
  const answer: unknown = JSON.parse(execFileSync(path, ['version', '--client', '-o', 'json'], { encoding: 'utf8' }));
  const version = coerce((answer as { clientVersion?: { gitVersion?: string } }).clientVersion?.gitVersion)?.version;
  if (version === undefined) throw new Error(`${path} does not say its version`);
  return version;
}
