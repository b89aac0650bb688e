import { join } from 'node:path';
import type { Clock } from '../../../base/clock.ts';
import { killGroup, removeGroup } from './cgroups.ts';
import { startLauncher } from './launcher/launcher.ts';
import { removeBridge } from './pod-network.ts';
import { removeTree } from './remove-tree.ts';
import { layout, names, readInfo, readPause, readRunning, signalProcess } from './state.ts';

/**
 * Removes everything that a runtime on this directory ever made: processes, their namespaces and mounts with them, control groups, links, files. For `down`, and after a crash; no runtime
 * may be using the directory. Idempotent.
 */
export async function cleanup(directory: string, clock: Clock): Promise<void> {
  const places = layout(directory);
  const info = readInfo(places);
  for (const id of names(join(directory, 'containers'))) {
    const running = readRunning(places, id);
    if (running) for (const identity of [running.main, running.shim]) signalProcess(identity, 'SIGKILL');
  }
  for (const id of names(join(directory, 'sandboxes'))) {
    const pause = readPause(places, id);
    if (pause) signalProcess(pause, 'SIGKILL');
  }
  if (info) {
    // The helper and its forks live in this group too, so none of them escapes, recorded or not.
    await killGroup(info.groups, info.cgroupRoot, clock);
    await removeGroup(info.groups, info.cgroupRoot, clock);
    if (info.bridge) {
      const launcher = await startLauncher(directory, []);
      await removeBridge(launcher, info.bridge);
      await launcher.close();
    }
  }
  await removeTree(directory);
}
