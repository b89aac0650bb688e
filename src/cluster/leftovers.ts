import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../base/clock.ts';
import { releaseAddresses, releaseRange } from '../network/proxy/anyip.ts';
import { lockDirectory } from '../store/index.ts';
import { knownAddresses } from './addresses.ts';
import { nodePlaces } from './nodes.ts';
import { clearNode } from './shutdown.ts';

/** Temporary directories of clusters without one of their own. */
const TEMPORARY = 'coracle-run-';

/** Where a cluster of this directory keeps its objects; locked while it runs. */
export function storeDirectory(directory: string): string {
  return join(directory, 'store');
}

/**
 * Removes the processes, control groups, mounts, links and addresses that a killed cluster on this directory left; the names of the nodes that had some. Rejects when a cluster is
 * using the directory.
 */
export async function removeLeftovers(directory: string): Promise<string[]> {
  if (!existsSync(join(directory, 'nodes'))) return [];
  const unlock = await lockDirectory(storeDirectory(directory));
  try {
    const left = readdirSync(join(directory, 'nodes')).filter((node) => existsSync(nodePlaces(directory, node).runtime));
    for (const node of left) await clearNode(nodePlaces(directory, node), realClock());
    const addresses = knownAddresses(directory);
    if (left.length > 0 && addresses) await Promise.all([releaseRange(addresses.serviceCidr), releaseAddresses(addresses.serviceCidr)]);
    return left;
  } finally {
    await unlock();
  }
}

/** A directory for a cluster that keeps nothing, and what gives it back. First removes those of clusters that were killed: nobody else ever would. */
export async function temporaryDirectory(): Promise<{ readonly directory: string; release(): Promise<void> }> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(TEMPORARY))) {
    const directory = join(tmpdir(), name);
    // In use, being made by another process this moment, or not ours to remove.
    await removeLeftovers(directory).then(() => existsSync(join(directory, 'nodes')) && rmSync(directory, { recursive: true, force: true })).catch(() => {});
  }
  const directory = mkdtempSync(join(tmpdir(), TEMPORARY));
  const unlock = await lockDirectory(storeDirectory(directory));
  return {
    directory,
    async release() {
      await unlock();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
