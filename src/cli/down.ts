import { rmSync } from 'node:fs';
import { realClock } from '../base/clock.ts';
import { removeLeftovers } from '../cluster/leftovers.ts';
import { place, startTimeOf, type PlaceOptions } from './place.ts';

/** `coracle down`: also clears what a killed cluster left behind. */
export async function down(options: PlaceOptions & { delete?: boolean }): Promise<void> {
  const where = place(options);
  const running = where.running();
  if (running) {
    process.kill(running.pid, 'SIGTERM');
    const clock = realClock();
    const deadline = clock.monotonic() + 90_000;
    while (startTimeOf(running.pid) === running.startTime) {
      if (clock.monotonic() > deadline) {
        process.kill(running.pid, 'SIGKILL');
        break;
      }
      await clock.sleep(20);
    }
  }
  const left = await removeLeftovers(where.directory);
  where.release();
  if (options.delete) rmSync(where.directory, { recursive: true, force: true });
  const found = running ? `Cluster "${where.name}" is down.` : `Cluster "${where.name}" was not running.`;
  process.stdout.write(`${found}${left.length > 0 ? ` Removed what a killed run had left: ${left.join(', ')}.` : ''}${options.delete ? ' Its state is removed.' : ''}\n`);
}
