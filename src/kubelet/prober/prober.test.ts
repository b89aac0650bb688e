import { createServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { Container, Pod, Probe } from '../../api/types/core.v1.ts';
import { realClock, virtualClock } from '../../base/clock.ts';
import type { PodView } from '../pods/view.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { podProber } from './prober.ts';
import { networkProbes } from './runner.ts';
import { begin, eagerDelayMs, judge, type ProbeType } from './schedule.ts';

describe('verdicts', () => {
  const run = (type: ProbeType, probe: Probe, results: string) => [...results].map((r) => (r === '+' ? 'success' as const : 'failure' as const))
    .reduce<{ trail: string[]; at: ReturnType<typeof begin> }>(({ trail, at }, result) => {
      const next = judge(type, probe, at, result);
      return { trail: [...trail, next.verdict[0]! + (next.hold ? '!' : '')], at: next };
    }, { trail: [], at: begin(type) }).trail.join(' ');
  test.each([
    ['readiness', {}, '+---+', 's s s f s'],
    ['readiness', { failureThreshold: 1 }, '+-+', 's f s'],
    ['readiness', { successThreshold: 2 }, '+-++', 'f f f s'],
    ['liveness', {}, '--+---', 's s s s s f!'],
    ['startup', { failureThreshold: 2 }, '-+', 'u s!'],
    ['startup', { failureThreshold: 2 }, '--', 'u f!'],
  ] as const)('%s %j %s', (type, probe, results, expected) => {
    expect(run(type, probe, results)).toBe(expected);
  });
  test('eager tries double to a second, for a minute, never beyond the period', () => {
    const probe = { tcpSocket: { port: 1 }, periodSeconds: 10 };
    expect([0, 1, 2, 8, 9].map((n) => eagerDelayMs(probe, n, 0))).toEqual([25, 50, 100, 1000, 1000]);
    expect([eagerDelayMs(probe, 0, 60_000), eagerDelayMs({ ...probe, periodSeconds: 1 }, 9, 0), eagerDelayMs({ exec: {} }, 0, 0)]).toEqual([undefined, undefined, 200]);
  });
});

describe('a pod under probes', () => {
  const pod = (container: Partial<Container>): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u' }, spec: { containers: [{ name: 'a', ...container }] } });
  const running = (clock: { now(): number }, id = 'c1'): PodView => ({ sandbox: undefined, containers: [{ id, name: 'a', attempt: 0, state: 'running', image: '', imageId: '', createdAt: clock.now(), startedAt: clock.now(), finishedAt: undefined, exitCode: undefined, reason: undefined, message: undefined, pid: 1, labels: {}, logPath: '' }] });
  const setUp = (eager: boolean, healthy: () => boolean) => {
    const clock = virtualClock();
    const tries: number[] = [];
    const events: string[] = [];
    const prober = podProber({
      clock, eager, changed: () => {}, event: (_c, _t, _r, message) => void events.push(message),
      runner: { run: async () => { tries.push(clock.monotonic()); return healthy() ? { result: 'success', output: '' } : { result: 'failure', output: 'no' }; } },
    });
    return { clock, tries, events, prober };
  };

  test('readiness is asked at once, then every period; unready until then', async () => {
    const { clock, tries, prober, events } = setUp(false, () => clock.monotonic() > 15_000);
    const p = pod({ readinessProbe: { periodSeconds: 10 } });
    prober.sync(p, running(clock), '');
    await clock.advance(25_000);
    expect(tries).toEqual([0, 10_000, 20_000]);
    expect(events).toEqual(['Readiness probe failed: no', 'Readiness probe failed: no']);
    expect(prober.verdicts.readiness('c1')).toBe('success');
    prober.sync(p, { sandbox: undefined, containers: [] }, '');
    await clock.advance(60_000);
    expect(tries).toHaveLength(3);
    expect(clock.pending()).toBe(0);
  });
  test('eagerly: soon again, unseen and uncounted', async () => {
    const { clock, tries, prober, events } = setUp(true, () => clock.monotonic() > 300);
    prober.sync(pod({ readinessProbe: { tcpSocket: { port: 1 }, periodSeconds: 10, failureThreshold: 1 } }), running(clock), '');
    await clock.advance(5000);
    expect(tries).toEqual([0, 25, 75, 175, 375]);
    expect(events).toEqual(['Readiness probe failed: no']);
    expect(prober.verdicts.readiness('c1')).toBe('success');
  });
  test('initialDelaySeconds is kept', async () => {
    const { clock, tries, prober } = setUp(true, () => true);
    prober.sync(pod({ readinessProbe: { initialDelaySeconds: 7 }, livenessProbe: { initialDelaySeconds: 3, periodSeconds: 60 } }), running(clock), '');
    await clock.advance(8000);
    expect(tries).toEqual([3000, 7000]);
  });
  test('liveness stops while the pod ends, readiness goes on', async () => {
    const { clock, prober } = setUp(false, () => false);
    const p = pod({ readinessProbe: { periodSeconds: 1, failureThreshold: 1 }, livenessProbe: { periodSeconds: 1, failureThreshold: 2 } });
    prober.sync(p, running(clock), '');
    prober.sync({ ...p, metadata: { ...p.metadata, deletionTimestamp: 'now' } }, running(clock), '');
    await clock.advance(5000);
    expect([prober.verdicts.liveness('c1'), prober.verdicts.readiness('c1')]).toEqual(['success', 'failure']);
    prober.stop();
  });
  test('a new container is probed anew', async () => {
    const { clock, prober } = setUp(false, () => false);
    const p = pod({ livenessProbe: { periodSeconds: 1, failureThreshold: 1 } });
    prober.sync(p, running(clock), '');
    await clock.advance(1500);
    expect(prober.verdicts.liveness('c1')).toBe('failure');
    prober.sync(p, running(clock, 'c2'), '');
    expect(prober.verdicts.liveness('c2')).toBe('success');
    prober.stop();
  });
});

describe('probes for real', () => {
  const open: { close(): unknown }[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.close();
  });
  const listen = async (server: HttpServer | Server): Promise<number> => {
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  const clock = realClock();
  const runner = networkProbes({} as Runtime, clock);
  const run = (probe: Probe, timeoutMs = 1000, ports: Container['ports'] = []) =>
    runner.run({ pod: { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [{ name: 'a', ports }] } }, container: 'a', containerId: 'c', podIP: '127.0.0.1', probe, timeoutMs });

  test('http: codes, headers, named ports, redirects', async () => {
    const seen: (string | undefined)[] = [];
    const port = await listen(createServer((req, res) => {
      seen.push(req.headers['user-agent'], req.headers.host, req.headers['x-a'] as string);
      if (req.url === '/away') res.writeHead(302, { location: 'http://other.example/' }).end();
      else if (req.url === '/here') res.writeHead(302, { location: '/ok' }).end();
      else res.writeHead(req.url === '/ok' ? 204 : 503).end();
    }));
    const http = (path: string, more = {}) => run({ httpGet: { path, port, ...more } });
    expect(await http('/ok', { httpHeaders: [{ name: 'Host', value: 'h.example' }, { name: 'X-A', value: '1' }] })).toMatchObject({ result: 'success' });
    expect(seen).toEqual(['kube-probe/1.33', 'h.example', '1']);
    expect(await http('/no')).toEqual({ result: 'failure', output: 'HTTP probe failed with statuscode: 503' });
    expect(await http('/here')).toMatchObject({ result: 'success' });
    expect(await http('/away')).toMatchObject({ result: 'warning' });
    expect(await run({ httpGet: { path: '/ok', port: 'web' } }, 1000, [{ name: 'web', containerPort: port }])).toMatchObject({ result: 'success' });
    expect(await run({ httpGet: { port: 'nope' } })).toEqual({ result: 'error', output: "couldn't find port: nope in container a" });
  });
  test('http: refused and too slow, in Go\'s words', async () => {
    const slow = await listen(createServer(() => {}));
    expect(await run({ httpGet: { path: '/', port: slow } }, 50)).toEqual({ result: 'failure', output: `Get "http://127.0.0.1:${slow}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)` });
    expect(await run({ httpGet: { path: '/', port: 1 } })).toEqual({ result: 'failure', output: 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused' });
  });
  test('tcp', async () => {
    const port = await listen(createTcpServer());
    expect(await run({ tcpSocket: { port } })).toEqual({ result: 'success', output: '' });
    expect(await run({ tcpSocket: { port: 1 } })).toEqual({ result: 'failure', output: 'dial tcp 127.0.0.1:1: connect: connection refused' });
  });
  test('grpc', async () => {
    let state = 1;
    const server = new GrpcServer();
    server.addService({ check: { path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false, requestSerialize: (b: Buffer) => b, requestDeserialize: (b: Buffer) => b, responseSerialize: (b: Buffer) => b, responseDeserialize: (b: Buffer) => b } },
      { check: (call: { request: Buffer }, callback: (e: null, b: Buffer) => void) => callback(null, Buffer.from([8, call.request.includes('special') ? 2 : state])) });
    const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, p) => (error ? reject(error) : resolve(p))));
    open.push({ close: () => server.forceShutdown() });
    expect(await run({ grpc: { port } })).toMatchObject({ result: 'success' });
    expect(await run({ grpc: { port, service: 'special' } })).toEqual({ result: 'failure', output: 'service unhealthy (responded with "NOT_SERVING")' });
    state = 0;
    expect(await run({ grpc: { port } })).toMatchObject({ output: 'service unhealthy (responded with "UNKNOWN")' });
    expect(await run({ grpc: { port: 1 } })).toEqual({ result: 'failure', output: 'timeout: failed to connect service "127.0.0.1:1" within 1s: context deadline exceeded' });
  });
});
