import { createSocket } from 'node:dgram';
import { connect, createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { Pod } from '../api/types/core.v1.ts';
import { realClock } from '../base/clock.ts';
import { hostPorts } from './host-ports.ts';

const pod = (uid: string, ports: { hostPort: number; containerPort: number; protocol?: 'TCP' | 'UDP' }[]): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'd', uid }, spec: { containers: [{ name: 'a', ports: ports.map((p) => ({ ...p, hostIP: '127.0.0.1' })) }] } });
const free = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

test('TCP and UDP lead into the pod until they are closed; a taken port is said', async () => {
  const tcp = createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
  const udp = createSocket('udp4');
  udp.on('message', (data, from) => udp.send(`${data} back`, from.port, from.address));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const [tcpPort, udpPort] = [await free(), await free()];
  const ports = hostPorts(realClock());
  const mine = pod('u', [{ hostPort: tcpPort, containerPort: (tcp.address() as AddressInfo).port }, { hostPort: udpPort, containerPort: udp.address().port, protocol: 'UDP' }]);
  await ports.open(mine, () => '127.0.0.1');
  await ports.open(mine, () => '127.0.0.1');
  expect(await text(connect(tcpPort, '127.0.0.1'))).toBe('hello');
  const client = createSocket('udp4');
  const answer = new Promise<string>((resolve) => client.once('message', (m) => resolve(m.toString())));
  client.send('there', udpPort, '127.0.0.1');
  expect(await answer).toBe('there back');
  await expect(ports.open(pod('other', [{ hostPort: tcpPort, containerPort: 1 }]), () => '')).rejects.toThrow(`cannot open hostport ${tcpPort} for pod p_d: listen EADDRINUSE`);
  ports.close('u');
  await ports.open(pod('other', [{ hostPort: tcpPort, containerPort: (tcp.address() as AddressInfo).port }]), () => '127.0.0.1');
  ports.closeAll();
  client.close();
  udp.close();
  tcp.close();
});
