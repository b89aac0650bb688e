import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { matches, parseTranscript, type Step } from '../kubectl/transcript.ts';
import type { Walk } from './cluster.ts';

/** How long a command behind `$~` may take until it prints what it should. */
const PATIENCE_MS = 45_000;

interface Section {
  /** `S3-12 a pod of redis` */
  readonly title: string;
  readonly steps: readonly Step[];
}

/** The sections of a transcript: each begins with a comment that names its step. */
export function readSections(file: string): Section[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const starts = lines.flatMap((line, index) => (/^## S\d-\d/.test(line) ? [index] : []));
  return starts.map((start, i) => {
    const end = starts[i + 1] ?? lines.length;
    // Empty lines before keep the numbers of the lines.
    return { title: lines[start]!.slice(3), steps: parseTranscript([...Array<string>(start).fill(''), ...lines.slice(start, end)].join('\n')) };
  });
}

/** One test a section, in order; after a failure the rest is skipped, since it builds on what failed. */
export function followSections(sections: readonly Section[], walk: () => Walk): void {
  let failed: string | undefined;
  test.for(sections)('$title', async ({ title, steps }, { skip }) => {
    if (failed !== undefined) skip(`${failed} failed`);
    failed = title;
    for (const step of steps) await follow(walk(), step);
    failed = undefined;
  });
}

async function follow(walk: Walk, step: Step): Promise<void> {
  const giveUp = Date.now() + PATIENCE_MS;
  let answer = await walk.run(step.command);
  while (step.repeat && !matches(step, answer.printed, answer.exitCode) && Date.now() < giveUp) {
    await sleep(250);
    answer = await walk.run(step.command);
  }
  if (matches(step, answer.printed, answer.exitCode)) return;
  const exit = (code: number) => (code === 0 ? '' : `\n[exit ${code}]`);
  expect(`${answer.printed.trimEnd()}${exit(answer.exitCode)}`, `line ${step.line}: $ ${step.command}`).toBe(`${step.output.join('\n')}${exit(step.exitCode)}`);
}
