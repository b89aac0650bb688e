import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { NodeCapacity } from '../kubelet/index.ts';

/** What a node declares: the machine's own, unless said otherwise. Declared capacity is what the scheduler goes by; limits hold on the real machine. */
export function nodeCapacity(declared: Readonly<Record<string, string>> | undefined, directory: string): NodeCapacity {
  const disk = statfsSync(directory);
  return {
    cpu: String(availableParallelism()),
    memory: `${Math.floor(totalmem() / 1024)}Ki`,
    pods: '250',
    'ephemeral-storage': `${Math.floor((disk.blocks * disk.bsize) / 1024)}Ki`,
    ...declared,
  };
}
