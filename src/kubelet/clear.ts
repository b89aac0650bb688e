import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { podsDirectory } from './paths.ts';
import { unmountBelow } from './volumes/empty-dir.ts';

/** Removes all that a kubelet kept in its directory: mounts, volumes, logs. For when its pods have ended for good: after `down`, or for what a killed cluster left. Idempotent. */
export async function clearKubelet(directory: string): Promise<void> {
  await unmountBelow(podsDirectory(directory));
  await rm(podsDirectory(directory), { recursive: true, force: true });
  await rm(join(directory, 'logs'), { recursive: true, force: true });
}
