import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { satisfies } from 'semver';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cluster } from '../src/cluster/cluster.ts';
import { startCluster } from '../src/cluster/start.ts';
import { terminals, type Terminal } from './kubectl/terminal.ts';
import { firstDifference, matches, parseTranscript, type Step } from './kubectl/transcript.ts';
import { installedKubectls } from './kubectl/versions.ts';

/**
 * The real kubectl prints against Coracle what it prints against Kubernetes. The transcripts stand in `test/kubectl/*.console`.
 * CORACLE_KUBECTLS=/path/to/kubectl-1.20:/path/to/kubectl-1.33 chooses the versions; CORACLE_TRANSCRIPTS=rollout,scale some of the transcripts.
 */
const directory = join(import.meta.dirname, 'kubectl');
const wanted = process.env['CORACLE_TRANSCRIPTS']?.split(',');
const transcripts = readdirSync(directory)
  .filter((file) => file.endsWith('.console'))
  .map((file) => ({ name: file.replace('.console', ''), steps: parseTranscript(readFileSync(join(directory, file), 'utf8')) }))
  .filter(({ name }) => wanted?.includes(name) ?? true);
const kubectls = installedKubectls();

test.runIf(kubectls.length === 0)('kubectl is not installed: put it on the PATH, or name it in CORACLE_KUBECTLS', ({ skip }) => skip());

describe.for(kubectls)('kubectl $version', (kubectl) => {
  let cluster: Cluster;
  let terminal: ReturnType<typeof terminals>;
  beforeAll(async () => {
    cluster = await startCluster({ runtime: 'simulated', name: 'test', cadence: 'fast', nodes: 2, nodeCapacity: { cpu: '8', memory: '16Gi', pods: '110' } });
    terminal = terminals(kubectl, cluster.kubeconfig);
  });
  afterAll(async () => {
    terminal?.close();
    await cluster?.stop();
  });

  test.for(transcripts)('$name', async ({ name, steps }) => {
    const { run, close } = await terminal.open(name);
    try {
      for (const step of steps) {
        if (step.versions === undefined || satisfies(kubectl.version, step.versions)) await follow(run, step);
      }
    } finally {
      await close();
    }
  });
});

/** Runs a step; one that may repeat has ten seconds to print what it should. */
async function follow(run: Terminal['run'], step: Step): Promise<void> {
  const giveUp = Date.now() + 10_000;
  let answer = await run(step.command);
  while (step.repeat && !matches(step, answer.printed, answer.exitCode) && Date.now() < giveUp) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    answer = await run(step.command);
  }
  if (matches(step, answer.printed, answer.exitCode)) return;
  const command = `${step.line}: $ ${step.command}`;
  if (answer.exitCode !== step.exitCode) expect.fail(`${command}\nended with ${answer.exitCode}, not ${step.exitCode}:\n${answer.printed}`);
  const { line, expected, printed } = firstDifference(step, answer.printed);
  expect.fail(`${command}\nline ${line} of its text\n  should be ${expected}\n  but is    ${printed}`);
}
