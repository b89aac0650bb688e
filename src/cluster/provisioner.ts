import { rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Provisioner } from '../controllers/persistentvolume/provision.ts';
import { PROVISIONER } from './addons.ts';

/** Volumes as directories below `root`. */
export function localPathProvisioner(root: string): Provisioner {
  return {
    name: PROVISIONER,
    pathFor: (volume) => join(root, volume),
    async remove(path) {
      // The path comes out of an object that its owner may edit: nothing outside is ever removed.
      if (!resolve(path).startsWith(resolve(root) + sep)) throw new Error(`refusing to remove ${path}: it is not below ${root}`);
      await rm(path, { recursive: true, force: true });
    },
  };
}
