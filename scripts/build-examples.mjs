// Bundles the TypeScript examples into their dist/, which their Dockerfiles copy.
import { build } from 'esbuild';

// Bundled CommonJS packages call require.
const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const bundle = (input, output) => build({ entryPoints: [input], outfile: output, bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning', external: ['pg-native'], banner: { js: REQUIRE } });
await bundle('examples/dummy-api/server.ts', 'examples/dummy-api/dist/server.mjs');
await bundle('examples/redis-feeder/feeder.ts', 'examples/redis-feeder/dist/feeder.mjs');
await bundle('examples/realworld/server.ts', 'examples/realworld/dist/server.mjs');
