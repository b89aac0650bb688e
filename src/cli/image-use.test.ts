import { expect, test } from 'vitest';
import type { Pod, PodStatus } from '../api/types/core.v1.ts';
import type { ImageInfo } from '../kubelet/types.ts';
import { podsThatNeed } from './image-use.ts';

const ID = `sha256:${'a'.repeat(64)}`;
const image = (...names: string[]): ImageInfo => ({
  id: ID, imageId: ID, reference: names[0]!, names, sizeBytes: 1, layers: [], host: false,
  config: { entrypoint: [], cmd: [], env: [], workingDir: '', user: '', stopSignal: undefined, exposedPorts: [], labels: {} },
});
const pod = (name: string, wanted: string, status: PodStatus = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop' }, spec: { containers: [{ name: 'c', image: wanted }] }, status });
const running = (imageID: string): PodStatus => ({ phase: 'Running', containerStatuses: [{ name: 'c', image: '', imageID, ready: true, restartCount: 0 }] });

const APP = 'docker.io/library/app:1';
const OTHER = 'docker.io/library/app:2';

test.each<[string, string, ImageInfo, Pod[], string[]]>([
  ['the last name of what a pod runs', 'app:1', image(APP), [pod('b', 'app:1', running(ID)), pod('a', 'app:1', running(ID)), pod('no', 'web', running('sha256:b'))], ['shop/a', 'shop/b']],
  ['also when the pod was made with a name that is gone', 'app:1', image(APP), [pod('a', 'app:old', running(ID))], ['shop/a']],
  ['a name that no pod has, of an image that keeps another', 'app:2', image(APP, OTHER), [pod('a', 'app:1', running(ID))], []],
  ['a name that a pod has', 'app:1', image(APP, OTHER), [pod('a', 'docker.io/library/app:1', running(ID)), pod('b', 'app:2', running(ID))], ['shop/a']],
  ['all names, by the id', ID.slice(7), image(APP, OTHER), [pod('a', 'app:2', running(ID))], ['shop/a']],
  ['a digest takes all names, too', `app@${ID}`, image(APP, OTHER, `docker.io/library/app@${ID}`), [pod('a', 'app:2', running(ID))], ['shop/a']],
  ['what a pod that has not started asks for', 'app:1', image(APP), [pod('a', 'app:1', { phase: 'Pending' })], ['shop/a']],
  ['pods that are over need nothing', 'app:1', image(APP), [pod('a', 'app:1', { ...running(ID), phase: 'Succeeded' }), pod('b', 'app:1', { ...running(ID), phase: 'Failed' })], []],
  ['nor do those whose image is no name', 'app:1', image(APP), [pod('a', 'NO NAME', { phase: 'Pending' })], []],
])('%s', (_what, reference, wanted, pods, expected) => {
  expect(podsThatNeed(reference, wanted, pods)).toEqual(expected);
});
