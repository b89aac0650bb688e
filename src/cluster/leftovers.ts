import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../base/clock.ts';
import { nodePlaces } from './nodes.ts';
import { clearNode } from './shutdown.ts';

/** Removes the processes, control groups, mounts and links that a killed cluster on this directory left; the names of the nodes that had some. No cluster may be using the directory. */
export async function removeLeftovers(directory: string): Promise<string[]> {
  const nodes = existsSync(join(directory, 'nodes')) ? readdirSync(join(directory, 'nodes')) : [];
  const left = nodes.filter((node) => existsSync(nodePlaces(directory, node).runtime));
  for (const node of left) await clearNode(nodePlaces(directory, node), realClock());
  return left;
}
