/**
 * The process that `bench/ingress` measures: a network with an ingress over so many routes, each to a Service of so many endpoints. Arguments: routes, backend address, backend port, endpoints. Prints its port.
 */
import { realClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { Ingresses } from '../src/api/kinds/networking/ingress.ts';
import { createNetwork } from '../src/network/index.ts';
import { testClient } from '../src/network/testing/api.ts';
import { createService, setPods } from '../src/network/testing/cluster.ts';

const [routes = '1', ip = '127.0.0.1', port = '8080', endpoints = '1'] = process.argv.slice(2);
const client = testClient();
for (let i = 0; i < Number(routes); i++) {
  await createService(client, `s${i}`, { clusterIP: `127.98.${i >> 8}.${i & 255}`, ports: [{ port: 9000 }] });
  await setPods(client, `s${i}`, Number(port), Array.from({ length: Number(endpoints) }, (_, n) => ({ name: `p${i}-${n}`, ip })));
  await client.create(Ingresses, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: `i${i}`, namespace: 'default' },
    spec: { rules: [{ host: `h${i}.localhost`, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: `s${i}`, port: { number: 9000 } } } }] } }] },
  });
}
const network = createNetwork({
  client,
  clock: realClock(),
  random: systemRandom(),
  serviceCidr: '127.98.0.0/16',
  dnsAddress: '127.98.255.10',
  dnsPort: 0,
  clusterDomain: 'cluster.local',
  upstreamDns: [],
  ingress: { httpPort: 0, httpsPort: 0, hosts: ['127.0.0.1'] },
  loadBalancer: { addresses: ['127.0.0.1'] },
  mode: 'loopback',
});
await network.start();
process.stdout.write(`${network.ingressPorts!.http}\n`);
process.once('SIGTERM', () => void network.stop().then(() => process.exit(0)));
