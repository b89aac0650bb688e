// Bundles the TypeScript examples into their dist/, which their Dockerfiles copy.
import { build } from 'esbuild';

const bundle = (input, output) => build({ entryPoints: [input], outfile: output, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' });
await bundle('examples/dummy-api/server.ts', 'examples/dummy-api/dist/server.mjs');
await bundle('examples/redis-feeder/feeder.ts', 'examples/redis-feeder/dist/feeder.mjs');
