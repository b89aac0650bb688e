/** A container on the host's files where these are an overlay; run in such a place by `overlay-root.test.ts`, which reads the JSON that it prints. */
import { readFileSync } from 'node:fs';
import { realClock } from '../../../base/clock.ts';
import { containerConfig, sandboxConfig, testRuntime } from './testing.ts';

const { runtime, directory, end } = await testRuntime('overlay');
try {
  const pod = await runtime.createSandbox(sandboxConfig(directory));
  const config = containerConfig(directory, ['sh', '-c', 'touch /usr/mine && echo writes; ls -A /home /root']);
  const id = await runtime.createContainer(pod.id, config);
  await runtime.startContainer(id);
  while ((await runtime.containerStatus(id))?.state !== 'exited') await realClock().sleep(2);
  process.stdout.write(JSON.stringify(readFileSync(config.logPath, 'utf8').split('\n').filter(Boolean).map((line) => line.split(' ').slice(3).join(' '))));
} finally {
  await end();
}
