/** hostPort: ports of the machine that lead into a pod. Without NAT: this process listens and passes on, as it does for Services. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { ContainerPort, Pod } from '../api/types/core.v1.ts';
import type { Clock, Timer } from '../base/clock.ts';

export interface HostPorts {
  /** Listens on the pod's host ports, or finds them open. `ip` is asked for with each connection. Rejects when one is taken. */
  open(pod: Pod, ip: () => string): Promise<void>;
  /** Takes no new connections; those that are open live as long as the pod's processes. */
  close(podUid: string): void;
  closeAll(): void;
}

const UDP_IDLE_MS = 60_000;

interface Listener {
  close(): void;
}

export function hostPorts(clock: Clock): HostPorts {
  const open = new Map<string, Listener[]>();

  const close = (uid: string) => {
    for (const listener of open.get(uid) ?? []) listener.close();
    open.delete(uid);
  };

  return {
    async open(pod, ip) {
      const uid = pod.metadata.uid ?? '';
      const ports = mappings(pod);
      if (open.has(uid) || ports.length === 0) return;
      const listeners: Listener[] = [];
      open.set(uid, listeners);
      for (const port of ports) {
        try {
          listeners.push(port.protocol === 'UDP' ? await listenUdp(port, ip, clock) : await listenTcp(port, ip));
        } catch (error) {
          close(uid);
          throw new Error(`cannot open hostport ${port.hostPort} for pod ${pod.metadata.name}_${pod.metadata.namespace}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        }
      }
    },
    close,
    closeAll: () => {
      for (const uid of open.keys()) close(uid);
    },
  };
}

/** With hostNetwork the containers bind the ports themselves. */
function mappings(pod: Pod): readonly ContainerPort[] {
  if (pod.spec.hostNetwork) return [];
  return [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')].flatMap((c) => c.ports ?? []).filter((p) => p.hostPort && p.protocol !== 'SCTP');
}

async function listenTcp(port: ContainerPort, ip: () => string): Promise<Listener> {
  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => join(client, connect({ host: ip(), port: port.containerPort, allowHalfOpen: true })));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port.hostPort, port.hostIP || '0.0.0.0', resolve);
  });
  return { close: () => void server.close() };
}

function join(client: Socket, pod: Socket): void {
  pod.once('connect', () => {
    client.pipe(pod).pipe(client);
    client.resume();
  });
  const end = () => {
    client.destroy();
    pod.destroy();
  };
  client.on('error', end);
  pod.on('error', end);
}

/** Each client gets a socket of its own towards the pod, so that answers find their way back. */
async function listenUdp(port: ContainerPort, ip: () => string, clock: Clock): Promise<Listener> {
  const server = createSocket('udp4');
  const flows = new Map<string, { socket: UdpSocket; idle: Timer }>();
  const drop = (key: string) => {
    const flow = flows.get(key);
    flows.delete(key);
    flow?.idle.cancel();
    flow?.socket.close();
  };
  server.on('message', (data, { address, port: from }) => {
    const key = `${address}:${from}`;
    let flow = flows.get(key);
    if (!flow) {
      const socket = createSocket('udp4');
      socket.on('message', (answer) => server.send(answer, from, address));
      socket.on('error', () => drop(key));
      flow = { socket, idle: clock.after(UDP_IDLE_MS, () => drop(key)) };
      flows.set(key, flow);
    }
    flow.idle.cancel();
    flow.idle = clock.after(UDP_IDLE_MS, () => drop(key));
    flow.socket.send(data, port.containerPort, ip());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.bind(port.hostPort, port.hostIP || '0.0.0.0', resolve);
  });
  return {
    close() {
      for (const key of flows.keys()) drop(key);
      server.close();
    },
  };
}
