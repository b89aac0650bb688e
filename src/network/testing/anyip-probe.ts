/**
 * Run as root in a network namespace of its own (anyip.test.ts): a network with the whole service range, asked from the host and from a "pod" (another namespace behind a veth pair). Prints what came back as JSON.
 */
import { execFile } from 'node:child_process';
import { Services } from '../../api/kinds/core/service.ts';
import { systemRandom } from '../../base/random.ts';
import { testClient } from './api.ts';
import { createService, setPods } from './cluster.ts';
import { startNetwork } from './network.ts';
import { httpPod, until } from './pods.ts';

const pod = process.argv[2]!;
const client = testClient();
const run = (command: string) => new Promise<string>((resolve) => void execFile('sh', ['-c', command], (error, stdout) => resolve(error ? `exit ${error.code}` : stdout)));
// What a process left that was killed, and another cluster's.
await run('ip route add local 203.0.113.99 dev lo proto 96 && ip route add local 203.0.114.1 dev lo proto 97');
const network = await startNetwork(client, {
  random: systemRandom(),
  serviceCidr: '10.96.0.0/16',
  dnsAddress: '10.96.0.10',
  dnsPort: 53,
  ingress: { httpPort: 80, httpsPort: 443, hosts: ['0.0.0.0'] },
  mode: 'anyip',
});
await createService(client, 'web', { clusterIP: '10.96.3.4', type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] });
await createService(client, 'far', { clusterIP: '203.0.113.10', externalIPs: ['203.0.113.250'], ports: [{ port: 80 }] });
await createService(client, 'none', { clusterIP: '10.96.3.5', ports: [{ port: 80 }] });
await createService(client, 'dns', { clusterIP: '10.96.0.10', ports: [{ port: 53, protocol: 'UDP' }] });
const server = await httpPod('web', '127.0.0.1', 8080, (request, response) => void response.end(`seen ${request.socket.remoteAddress}`));
await setPods(client, 'web', 8080, [server]);
await setPods(client, 'far', 8080, [server]);

const curl = (url: string) => run(`curl -s -m 3 ${url}`);
const inPod = (command: string) => run(`ip netns exec ${pod} ${command}`);
await until(async () => (await curl('http://10.96.3.4/')).startsWith('seen'));
await until(async () => (await curl('http://203.0.113.10/')).startsWith('seen'));
const resolve4 = `node -e "const r = new (require('dns/promises').Resolver)(); r.setServers(['10.96.0.10']); r.resolve4('web.default.svc.cluster.local').then((a) => console.log(a[0]))"`;
const routes = () => run('ip route show table local | grep 203 | sort');
const seen = {
  host: await curl('http://10.96.3.4/'),
  pod: await inPod('curl -s -m 3 http://10.96.3.4/'),
  nodePort: await inPod('curl -s -m 3 http://10.88.0.1:30080/'),
  ingress: await inPod('curl -s -m 3 http://10.88.0.1/'),
  dns: await inPod(resolve4),
  withoutEndpoints: await inPod('curl -s -m 3 http://10.96.3.5/'),
  withoutService: await inPod('curl -s -m 3 http://10.96.9.9/'),
  otherRange: await inPod('curl -s -m 3 http://203.0.113.10/'),
  externalIp: await inPod('curl -s -m 3 http://203.0.113.250/'),
  ranges: await routes(),
  route: await run('ip route show table local 10.96.0.0/16'),
};
await client.delete(Services, 'far', { namespace: 'default' });
await until(async () => !(await routes()).includes('203.0.113'));
await server.kill();
await network.stop();
process.stdout.write(JSON.stringify({ ...seen, routeAfter: await run('ip route show table local 10.96.0.0/16') }));
process.exit(0);
