import type { Readable, Writable } from 'node:stream';
import { passOn } from '../pass-on.ts';
import type { StreamRequest } from '../types.ts';

/** A client's side of one connection to a port. */
export interface PortClient {
  readonly port: number;
  readonly readable: Readable;
  readonly writable: Writable;
  /** Says why it failed; not called when it did not. */
  fail(message: string): void;
}

/** Joins a client with a port of the pod until the pod's side has ended or the client has gone (kubelet pkg/cri/streaming/portforward). The client may end its half and still read the answer. Never rejects. */
export async function forward({ node, pod }: StreamRequest, client: PortClient): Promise<void> {
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  let remote: { readable: Readable; writable: Writable };
  try {
    remote = await node.portForward(namespace, name, client.port);
  } catch (error) {
    client.fail(`error forwarding port ${client.port} to pod ${name}, uid ${uid}: ${(error as Error).message}`);
    return;
  }
  const cut = () => {
    remote.readable.destroy();
    remote.writable.destroy();
  };
  for (const stream of [remote.readable, remote.writable]) stream.on('error', () => {});
  client.writable.once('close', cut);
  if (client.writable.destroyed) cut();
  void passOn(client.readable, remote.writable);
  await passOn(remote.readable, client.writable);
  cut();
  // Cut off in the middle: the client must not take it for the end.
  if (!client.writable.writableEnded) client.writable.destroy();
}
