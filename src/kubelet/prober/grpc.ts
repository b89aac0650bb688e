/** grpc.health.v1 Check (pkg/probe/grpc/grpc.go). */
import { credentials, makeClientConstructor, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { ProbeOutcome } from '../types.ts';

/** HealthCheckRequest{service=1}: one string field. Names are shorter than 128 bytes or take a longer length. */
function encodeRequest(service: string): Buffer {
  const name = Buffer.from(service, 'utf8');
  if (name.length === 0) return Buffer.alloc(0);
  const length: number[] = [];
  for (let n = name.length; ; n >>= 7) {
    length.push(n > 127 ? (n & 127) | 128 : n);
    if (n <= 127) break;
  }
  return Buffer.concat([Buffer.from([0x0a, ...length]), name]);
}

const STATUS = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;

/** HealthCheckResponse{status=1}: one enum field; proto3 leaves zero out. */
function decodeResponse(bytes: Buffer): string {
  return STATUS[bytes[0] === 0x08 ? bytes[1] ?? 0 : 0] ?? String(bytes[1]);
}

const Health = makeClientConstructor({
  check: {
    path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false,
    requestSerialize: encodeRequest, requestDeserialize: (b: Buffer) => b.toString(),
    responseSerialize: (s: string) => Buffer.from(s), responseDeserialize: decodeResponse,
  },
}, 'Health');

type Check = (request: string, metadata: Metadata, options: { deadline: number }, callback: (error: ServiceError | null, answer?: string) => void) => void;

export function grpcHealth(host: string, port: number, service: string, timeoutMs: number, signal: AbortSignal): Promise<ProbeOutcome> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const client = new Health(address, credentials.createInsecure(), { 'grpc.primary_user_agent': 'kube-probe/1.33', 'grpc.enable_retries': 0 });
  const check = client['check']!.bind(client) as unknown as Check;
  // Upstream's client goes on dialing until the time is over, and says no more than that.
  const unreachable: ProbeOutcome = { result: 'failure', output: `timeout: failed to connect service "${address}" within ${timeoutMs / 1000}s: context deadline exceeded` };
  return new Promise((resolve) => {
    const timeout = () => finish(unreachable);
    const finish = (outcome: ProbeOutcome) => {
      signal.removeEventListener('abort', timeout);
      client.close();
      resolve(outcome);
    };
    signal.addEventListener('abort', timeout, { once: true });
    // The signal is the deadline: grpc-js would take one of the machine's clock.
    check(service, new Metadata(), { deadline: Number.POSITIVE_INFINITY }, (error, answer) => {
      if (error) finish(error.code === status.UNAVAILABLE ? unreachable : failed(error));
      else if (answer === 'SERVING') finish({ result: 'success', output: 'service healthy' });
      else finish({ result: 'failure', output: `service unhealthy (responded with "${answer}")` });
    });
  });
}

function failed(error: ServiceError): ProbeOutcome {
  if (error.code === status.UNIMPLEMENTED) return { result: 'failure', output: `this server does not implement the grpc health protocol (grpc.health.v1.Health): ${error.details}` };
  return { result: 'failure', output: `error: health rpc probe failed: ${error.message}` };
}
