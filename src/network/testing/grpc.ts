import { Client, credentials, Server, ServerCredentials, status, type Metadata, type ServiceDefinition, type ServerUnaryCall, type sendUnaryData, type ServerReadableStream, type ServerWritableStream, type ServerDuplexStream } from '@grpc/grpc-js';
import { realClock } from '../../base/clock.ts';

const clock = realClock();
const same = (bytes: Buffer): Buffer => bytes;
const method = (name: string, requestStream: boolean, responseStream: boolean) =>
  ({ path: `/echo.Echo/${name}`, requestStream, responseStream, requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same });

/** A service of all four kinds of calls, without a schema: messages are bytes. */
const ECHO: ServiceDefinition = { Unary: method('Unary', false, false), Collect: method('Collect', true, false), Count: method('Count', false, true), Chat: method('Chat', true, true), Hang: method('Hang', false, true) };

export interface GrpcPod {
  readonly name: string;
  readonly ip: string;
  /** Calls begun, and those that their clients gave up. */
  readonly calls: number;
  readonly cancelled: number;
  /** As grpc servers stop: GOAWAY, open calls finish. */
  stop(): Promise<void>;
  kill(): void;
}

/** A gRPC server in a pod's place. Messages: `fail CODE` answers with that status, `stop` in a stream ends it early, all others are echoed with the pod's name. */
export async function grpcPod(name: string, ip: string, port: number): Promise<GrpcPod> {
  let calls = 0;
  let cancelled = 0;
  const server = new Server();
  const begin = (call: { on(event: 'cancelled', handler: () => void): unknown; sendMetadata(metadata: Metadata): void; metadata: Metadata }) => {
    calls++;
    call.on('cancelled', () => void cancelled++);
  };
  server.addService(ECHO, {
    Unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      begin(call);
      const failure = /^fail (\d+)$/.exec(call.request.toString());
      if (failure) return done({ code: Number(failure[1]), details: 'so be it: ü' });
      const trailer = call.metadata.clone();
      done(null, Buffer.from(`${name} ${call.request.toString()} ${call.metadata.get('x-asked').join()}`), trailer);
    },
    Collect(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
      begin(call);
      let bytes = 0;
      let stopped = false;
      call.on('data', (part: Buffer) => {
        bytes += part.length;
        if (stopped || part.toString('latin1', 0, 4) !== 'stop') return;
        stopped = true;
        done({ code: status.RESOURCE_EXHAUSTED, details: 'enough' });
      });
      call.on('end', () => { if (!stopped) done(null, Buffer.from(`${name} ${bytes}`)); });
    },
    Count(call: ServerWritableStream<Buffer, Buffer>) {
      begin(call);
      for (let i = 1; i <= Number(call.request.toString()); i++) call.write(Buffer.from(`${i}`));
      call.end();
    },
    Chat(call: ServerDuplexStream<Buffer, Buffer>) {
      begin(call);
      call.on('data', (part: Buffer) => call.write(Buffer.from(`${name} ${part.toString()}`)));
      call.on('end', () => call.end());
    },
    Hang: (call: ServerWritableStream<Buffer, Buffer>) => {
      begin(call);
      call.write(Buffer.from('begun'));
    },
  });
  await new Promise<void>((resolve, reject) => server.bindAsync(`${ip}:${port}`, ServerCredentials.createInsecure(), (error) => (error ? reject(error) : resolve())));
  return {
    name,
    ip,
    get calls() {
      return calls;
    },
    get cancelled() {
      return cancelled;
    },
    stop: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
    kill: () => server.forceShutdown(),
  };
}

/** A client of the service for the host `authority`, in clear text with prior knowledge. */
export function echoClient(address: string, authority: string) {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.default_authority': authority, 'grpc.service_config_disable_resolution': 1, 'grpc.enable_retries': 0 });
  return {
    client,
    close: () => client.close(),
    unary: (text: string, metadata?: Metadata, deadlineMs?: number) =>
      new Promise<string>((resolve, reject) => {
        const args = [ECHO['Unary']!.path, same, same, Buffer.from(text)] as const;
        const done = (error: Error | null, answer?: Buffer) => (error ? reject(error) : resolve(answer!.toString()));
        if (metadata) client.makeUnaryRequest(...args, metadata, deadlineMs === undefined ? {} : { deadline: clock.now() + deadlineMs }, done);
        else client.makeUnaryRequest(...args, done);
      }),
    collect: (parts: readonly Buffer[]) =>
      new Promise<string>((resolve, reject) => {
        const call = client.makeClientStreamRequest(ECHO['Collect']!.path, same, same, (error: Error | null, answer?: Buffer) => (error ? reject(error) : resolve(answer!.toString())));
        for (const part of parts) call.write(part);
        call.end();
      }),
    count: (to: number) => client.makeServerStreamRequest(ECHO['Count']!.path, same, same, Buffer.from(String(to))),
    chat: () => client.makeBidiStreamRequest(ECHO['Chat']!.path, same, same),
    hang: (deadlineMs: number) => client.makeServerStreamRequest(ECHO['Hang']!.path, same, same, Buffer.from(''), { deadline: clock.now() + deadlineMs }),
  };
}

export { status };
