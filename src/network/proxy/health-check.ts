import { createServer, type Server } from 'node:http';
import type { Service } from '../../api/types/core.v1.ts';
import type { PortSpec } from '../table/spec.ts';
import { isProxied } from '../table/spec.ts';
import type { ServiceEntry } from '../table/table.ts';

/** Where load balancers ask whether this machine has endpoints of a Service (spec.healthCheckNodePort). */
export interface HealthChecks {
  /** Opens and closes until the ports are those of these Services, on these addresses. */
  sync(entries: Iterable<ServiceEntry>, addresses: readonly string[]): void;
  close(): void;
}

/** The port that a load balancer asks; undefined for Services that have none (kube-proxy serves it for these only). */
function healthCheckPort(service: Service): number | undefined {
  const { type, externalTrafficPolicy, healthCheckNodePort = 0 } = service.spec;
  return isProxied(service) && type === 'LoadBalancer' && externalTrafficPolicy === 'Local' && healthCheckNodePort > 0 ? healthCheckNodePort : undefined;
}

/** What is answered: 200 while some pod is ready and does not leave, else 503 (pkg/proxy/healthcheck/service_health.go). */
function healthOf({ metadata: { namespace, name } }: Service, ports: readonly PortSpec[]): { readonly status: number; readonly body: string; readonly endpoints: number } {
  const ready = new Set(ports.flatMap(({ endpoints }) => endpoints.filter((e) => e.ready && !e.terminating).map(({ address }) => address)));
  const body = JSON.stringify({ service: { namespace, name }, localEndpoints: ready.size, serviceProxyHealthy: true }, null, '\t');
  return { status: ready.size > 0 ? 200 : 503, body, endpoints: ready.size };
}

/** `report` is told, in a sentence, why a port cannot be had. */
export function createHealthChecks(report: (service: Service, problem: string) => void): HealthChecks {
  const open = new Map<string, { entry: ServiceEntry; readonly server: Server }>();
  const listen = (address: string, port: number, key: string): Server => {
    const server = createServer((request, response) => {
      request.resume();
      const { service, backends } = open.get(key)!.entry;
      const { status, body, endpoints } = healthOf(service, backends.map(({ spec }) => spec));
      response.writeHead(status, { 'content-type': 'application/json', 'x-content-type-options': 'nosniff', 'x-load-balancing-endpoint-weight': String(endpoints), connection: 'close' }).end(body);
    });
    server.on('error', ({ message }) => open.has(key) && report(open.get(key)!.entry.service, `cannot listen on ${address}:${port} for health checks: ${message}`));
    server.listen({ host: address, port, exclusive: true });
    return server;
  };
  const shut = (key: string) => {
    const { server } = open.get(key)!;
    open.delete(key);
    server.close();
  };
  return {
    sync(entries, addresses) {
      const wanted = new Map<string, { entry: ServiceEntry; address: string; port: number }>();
      for (const entry of entries) {
        const port = healthCheckPort(entry.service);
        if (port !== undefined) for (const address of addresses) wanted.set(`${address}:${port}`, { entry, address, port });
      }
      for (const key of open.keys()) if (!wanted.has(key)) shut(key);
      for (const [key, { entry, address, port }] of wanted) {
        const known = open.get(key);
        if (known) known.entry = entry;
        else open.set(key, { entry, server: listen(address, port, key) });
      }
    },
    close: () => { for (const key of open.keys()) shut(key); },
  };
}
