import pc from './colors.ts';
import { Events } from '../api/kinds/core/event.ts';
import type { Event } from '../api/types/core.v1.ts';
import type { Clock } from '../base/clock.ts';
import type { Client } from '../client/client.ts';

/** Prints each new Event of the cluster as a line, until the returned function is called. A dropped watch, or one that cannot be had now, is begun anew. */
export function follow(client: Client, out: { readonly columns?: number; write(text: string): unknown }, clock: Clock): () => void {
  let stopped = false;
  let stop = () => {};
  const again = () => {
    if (!stopped) clock.after(1_000, () => void begin().catch(again));
  };
  const begin = async (): Promise<void> => {
    if (stopped) return;
    const { metadata } = await client.list(Events, { limit: 1 });
    if (stopped) return;
    const watch = client.watch(Events, { resourceVersion: metadata.resourceVersion }, {
      event: (change) => {
        if (change.type === 'ADDED' || change.type === 'MODIFIED') out.write(`${line(change.object, out.columns ?? Infinity)}\n`);
      },
      closed: again,
    });
    stop = () => watch.stop();
  };
  void begin().catch(again);
  return () => {
    stopped = true;
    stop();
  };
}

/** `14:03:07 pod/web-x  Started  Started container app`, cut to the terminal. */
export function line(event: Event, width: number): string {
  const time = (event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? '').slice(11, 19);
  const { kind = '', namespace, name = '' } = event.involvedObject;
  const object = `${kind.toLowerCase()}/${name}${namespace && namespace !== 'default' ? ` (${namespace})` : ''}`;
  const count = (event.count ?? 1) > 1 ? ` (x${event.count})` : '';
  const message = (event.message ?? '').replace(/\s+/g, ' ');
  const head = `${time} ${object}  ${event.reason ?? ''}  `;
  const room = Math.max(20, width - head.length - count.length);
  const shown = message.length > room ? `${message.slice(0, room - 1)}…` : message;
  const reason = event.type === 'Warning' ? pc.yellow(event.reason ?? '') : pc.green(event.reason ?? '');
  return `${pc.dim(time)} ${object}  ${reason}  ${shown}${pc.dim(count)}`;
}
