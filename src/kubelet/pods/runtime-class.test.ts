import { expect, test } from 'vitest';
import type { Pod } from '../../api/types/core.v1.ts';
import type { WorkerDeps } from './deps.ts';
import { checkRuntimeClass } from './runtime-class.ts';

const handlers: Readonly<Record<string, string>> = { plain: 'runc', ours: 'processes', sandboxed: 'runsc' };
const objects = { get: async (_owner: string, _type: unknown, _namespace: string, name: string) => (handlers[name] === undefined ? undefined : { handler: handlers[name] }) };
const deps = { objects, runtime: { name: 'processes' }, directory: '/x' } as unknown as WorkerDeps;
const check = (runtimeClassName: string | undefined, more: Partial<WorkerDeps> = {}) =>
  checkRuntimeClass({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u' }, spec: { containers: [], ...(runtimeClassName !== undefined && { runtimeClassName }) } } satisfies Pod, { ...deps, ...more });

test.each([undefined, 'plain', 'ours'])('runtime class %s runs here', (name) => expect(check(name)).resolves.toBeUndefined());
test('another runtime is never replaced by this one', async () => {
  await expect(check('sandboxed')).rejects.toThrow('no runtime for "runsc" is configured');
  await expect(check('gone')).rejects.toThrow('runtimeclasses.node.k8s.io "gone" not found');
  await expect(check('sandboxed', { directory: undefined })).resolves.toBeUndefined();
});
