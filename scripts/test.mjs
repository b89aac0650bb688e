// `npm test`: sets itself up, then types, lint, unit tests and the end-to-end tests that this machine can run. Prints what was skipped and why.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const step = (title, command, args, env = {}) => {
  console.log(`\n== ${title}`);
  const started = process.hrtime.bigint();
  const result = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(`   ${title}: ${result.status === 0 ? 'ok' : 'FAILED'} in ${(Number(process.hrtime.bigint() - started) / 1e9).toFixed(1)} s`);
  if (result.status !== 0) process.exit(result.status ?? 1);
};

if (!existsSync('node_modules/vitest')) step('dependencies', 'npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']);
step('build', process.execPath, ['scripts/build.mjs']);
step('types', 'node_modules/.bin/tsc', ['--noEmit']);
step('lint', 'npm', ['run', '--silent', 'lint']);
step('unit tests', 'node_modules/.bin/vitest', ['run']);
step('end to end', 'node_modules/.bin/vitest', ['run', '--config', 'test/vitest.config.ts']);
