import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';

/** Passes on to the end. When the receiver goes first, or there is none, the rest is read and dropped: neither a command nor a client stops because nobody listens. Never rejects. */
export async function passOn(from: Readable, to: Writable | undefined): Promise<void> {
  const drop = () => {
    if (to) from.unpipe(to);
    from.resume();
  };
  if (to) {
    from.pipe(to);
    to.once('close', drop);
    to.once('error', drop);
  } else drop();
  await finished(from).catch(() => {});
  if (to && !to.destroyed) await finished(to, { readable: false }).catch(() => {});
}
