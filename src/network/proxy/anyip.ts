import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Makes every address of `cidr` this machine's own (Linux' AnyIP), so that a process can listen on any of them without NAT or firewall rules. `replace` also takes over what a killed process left
 * behind. Rejects with what `ip` says.
 */
export async function claimRange(cidr: string): Promise<void> {
  await run('ip', ['route', 'replace', 'local', cidr, 'dev', 'lo']);
}

/** Gives the range back. Nothing happens when it is gone already. */
export async function releaseRange(cidr: string): Promise<void> {
  await run('ip', ['route', 'del', 'local', cidr, 'dev', 'lo']).catch(() => {});
}
