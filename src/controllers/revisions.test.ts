import { expect, test } from 'vitest';
import { revisionData, templateOf } from './revisions.ts';

// What upstream's kube-controller-manager stores for this template (daemon/update.go getPatch).
const STORED = '{"spec":{"template":{"$patch":"replace","metadata":{"creationTimestamp":null,"labels":{"a":"1","b":"2"}},"spec":{"containers":[{"image":"i","name":"c","resources":{}}],"restartPolicy":"Always"}}}}';

test('a revision holds the template byte for byte as upstream writes it', () => {
  const template = { spec: { restartPolicy: 'Always' as const, containers: [{ resources: {}, name: 'c', image: 'i' }] }, metadata: { labels: { b: '2', a: '1' }, creationTimestamp: null as unknown as string } };
  const data = revisionData(template);
  expect(JSON.stringify(data)).toBe(STORED);
  expect(templateOf({ apiVersion: 'apps/v1', kind: 'ControllerRevision', metadata: {}, revision: 1, data })).toEqual(template);
});
