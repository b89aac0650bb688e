import { chmod, mkdir, rm } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Provisioner } from '../controllers/persistentvolume/provision.ts';
import { PROVISIONER } from './addons.ts';

/** Volumes as directories below `root`. */
export function localPathProvisioner(root: string): Provisioner {
  return {
    name: PROVISIONER,
    async make(volume) {
      const path = join(root, volume);
      await mkdir(path, { recursive: true });
      // As local-path-provisioner does: a hostPath takes no fsGroup, and the umask would leave it to root.
      await chmod(path, 0o777);
      return path;
    },
    async remove(path) {
      // The path comes out of an object that its owner may edit: nothing outside is ever removed.
      if (!resolve(path).startsWith(resolve(root) + sep)) throw new Error(`refusing to remove ${path}: it is not below ${root}`);
      await rm(path, { recursive: true, force: true });
    },
  };
}
