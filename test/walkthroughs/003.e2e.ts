import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { beginWalk, filesOf, missing, type Walk } from './cluster.ts';
import { followSections, readSections } from './steps.ts';

const why = missing();

/** Walk-through 003: a namespace, redis and an API on it, a volume, a canary, routes, an autoscaler; with the real kubectl. */
describe.skipIf(why !== undefined)(`walk-through 003${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let walk: Walk | undefined;
  beforeAll(async () => {
    walk = await beginWalk(filesOf('003', '003-canary-tutorial'), [
      { context: 'examples/redis', tag: 'redis:alpine3.10' },
      { context: 'examples/redis-feeder', tag: 'redis_feeder' },
      { context: 'examples/dummy-api', tag: 'dummy-api:1.0', args: ['app_version=1.0'] },
    ], ['--name', 'docker-desktop']);
  });
  afterAll(() => walk?.end());

  followSections(readSections(join(import.meta.dirname, '003.console')), () => walk!);
});
