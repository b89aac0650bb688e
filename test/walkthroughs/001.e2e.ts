import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { realWorldCases } from '../realworld/cases.ts';
import { beginWalk, filesOf, missing, type Walk } from './cluster.ts';
import { followSections, readSections } from './steps.ts';

const why = missing();

/** Walk-through 001: the RealWorld API and PostgreSQL, ingress, quota, autoscaling; with the real kubectl. The seed's 2→3→5 replicas are replayed in test/conformance/hpa-own.json. */
describe.skipIf(why !== undefined)(`walk-through 001${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let walk: Walk | undefined;
  beforeAll(async () => {
    walk = await beginWalk(filesOf('001', '001-realworld'), [
      { context: 'examples/realworld', tag: 'jesk/realworld:1.0' },
      { context: 'examples/postgres', tag: 'postgres:9.6.8-alpine' },
      { context: join(import.meta.dirname, 'stand-ins/traefik'), tag: 'traefik' },
    ]);
  });
  afterAll(() => walk?.end());

  followSections(readSections(join(import.meta.dirname, '001.console')), () => walk!);

  test('S1-40 the API answers as its document says, in the cluster', async ({ skip }) => {
    const { printed } = await walk!.run(`kubectl get pod --namespace=real-world -l k8s-app=real-world -o jsonpath='{.items[*].status.podIP}'`);
    const address = /^[0-9.]+/.exec(printed)?.[0] ?? skip('no pod of real-world is left');
    await realWorldCases(`http://${address}:4000`, 'cluster');
  });
});
