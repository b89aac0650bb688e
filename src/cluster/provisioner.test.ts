import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { localPathProvisioner } from './provisioner.ts';

test('a new volume is there, for whoever the pod runs as; what is outside is never removed', async () => {
  const place = mkdtempSync(join(tmpdir(), 'coracle-provisioner-'));
  try {
    const provisioner = localPathProvisioner(join(place, 'volumes'));
    const path = await provisioner.make('pvc-1_default_data');
    expect(statSync(path).mode & 0o7777).toBe(0o777);
    expect(await provisioner.make('pvc-1_default_data')).toBe(path);
    await expect(provisioner.remove(place)).rejects.toThrow('not below');
    await provisioner.remove(path);
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});
