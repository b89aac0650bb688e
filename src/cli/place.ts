import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export interface PlaceOptions {
  readonly name: string;
  readonly dataDir?: string;
}

/** Where a cluster of the command line keeps what it has. */
export interface Place {
  readonly name: string;
  readonly directory: string;
  readonly kubeconfig: string;
  readonly log: string;
  /** The command that starts it: `coracle up --name two`. */
  readonly start: string;
  /** The running process, when there is one. */
  running(): Running | undefined;
  claim(running: Running): void;
  release(): void;
}

export interface Running {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: tells a reused pid from ours. */
  readonly startTime: string;
  readonly url: string;
  readonly startedAt: string;
  /** Where its ingress listens, when it has one. */
  readonly ingress?: { readonly http: string; readonly https: string };
  /** What this machine does not let it do, in sentences. */
  readonly limitations?: readonly string[];
}

const DEFAULT_NAME = 'default';

/** Where the cluster of these options is, whether it runs or not. Throws for a name that none can have. */
export function place(options: PlaceOptions): Place {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(options.name)) throw new Error(`--name ${options.name}: use lower-case letters, digits and '-'`);
  const directory = resolve(options.dataDir ?? join(homedir(), '.coracle', options.name));
  const file = join(directory, 'running.json');
  return {
    name: options.name,
    directory,
    kubeconfig: join(directory, 'kubeconfig'),
    log: join(directory, 'coracle.log'),
    start: ['coracle up', ...(options.name === DEFAULT_NAME ? [] : ['--name', options.name]), ...(options.dataDir === undefined ? [] : ['--data-dir', options.dataDir])].join(' '),
    running() {
      if (!existsSync(file)) return undefined;
      const running = JSON.parse(readFileSync(file, 'utf8')) as Running;
      return startTimeOf(running.pid) === running.startTime ? running : undefined;
    },
    claim(running) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      // Others may be reading it this moment.
      writeFileSync(`${file}.new`, JSON.stringify(running));
      renameSync(`${file}.new`, file);
    },
    release: () => rmSync(file, { force: true }),
  };
}

/** When a process started, in clock ticks since boot; undefined when there is no such process. */
export function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces; fields count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
