/** Probes for real: connects, calls, runs commands (pkg/probe). */
import type { Container } from '../../api/types/core.v1.ts';
import type { Clock } from '../../base/clock.ts';
import { expand } from '../pods/expansion.ts';
import { runInContainer } from '../pods/run-in-container.ts';
import { containerSpec } from '../pods/view.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ProbeOutcome, ProbeRequest, ProbeRunner } from '../types.ts';
import { httpGet, httpUrl, resolvePort, tcpConnect } from './network.ts';

const USER_AGENT = 'kube-probe/1.33';
const failure = (output: string): ProbeOutcome => ({ result: 'failure', output });
const success = (output = ''): ProbeOutcome => ({ result: 'success', output });
const text = (error: unknown) => (error instanceof Error ? error.message : String(error));

export function networkProbes(runtime: Runtime, clock: Clock): ProbeRunner {
  return {
    async run(request) {
      const container = containerSpec(request.pod, request.container);
      if (!container) return { result: 'error', output: `container ${request.container} not found` };
      const abort = new AbortController();
      const timer = clock.after(request.timeoutMs, () => abort.abort(new Error('timeout')));
      try {
        return await probe(request, container, runtime, abort.signal);
      } catch (error) {
        return { result: 'error', output: text(error) };
      } finally {
        timer.cancel();
      }
    },
  };
}

async function probe({ probe, podIP, containerId, timeoutMs }: ProbeRequest, container: Container, runtime: Runtime, signal: AbortSignal): Promise<ProbeOutcome> {
  if (probe.exec) {
    const literal = new Map((container.env ?? []).map((e) => [e.name, e.value ?? '']));
    const command = (probe.exec.command ?? []).map((part) => expand(part, (name) => literal.get(name)));
    return execProbe(runtime, containerId, command, timeoutMs, signal);
  }
  if (probe.httpGet) {
    const url = httpUrl(probe.httpGet, container, podIP);
    return httpProbe(url, probe.httpGet.httpHeaders ?? [], signal);
  }
  if (probe.tcpSocket) {
    const port = resolvePort(probe.tcpSocket.port, container);
    return tcpConnect(probe.tcpSocket.host || podIP, port, signal).then(() => success(), (error) => failure(text(error)));
  }
  if (probe.grpc) {
    // Loaded when the first such probe runs: few clusters have one, and it is a large part of what a start would read.
    const { grpcHealth } = await import('./grpc.ts');
    return grpcHealth(podIP, probe.grpc.port, probe.grpc.service ?? '', timeoutMs, signal);
  }
  return { result: 'error', output: `missing probe handler for ${container.name}` };
}

async function execProbe(runtime: Runtime, containerId: string, command: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<ProbeOutcome> {
  try {
    const { code, output } = await runInContainer(runtime, containerId, command, signal);
    return code === 0 ? success(output) : failure(output);
  } catch (error) {
    if (signal.aborted) return failure(`command timed out: "${command.join(' ')}" timed out after ${timeoutMs / 1000}s`);
    throw error;
  }
}

const MAX_REDIRECTS = 10;

/** 200..399 succeeds; redirects are followed on the same host, one to another host is a warning. */
async function httpProbe(url: URL, headers: Parameters<typeof httpGet>[1], signal: AbortSignal): Promise<ProbeOutcome> {
  try {
    let at = url;
    for (let hops = 0; ; hops++) {
      const answer = await httpGet(at, headers, USER_AGENT, signal);
      const location = answer.headers.location;
      const redirect = [301, 302, 303, 307, 308].includes(answer.status) && location !== undefined;
      if (!redirect) return answer.status >= 200 && answer.status < 400 ? success(answer.body) : failure(`HTTP probe failed with statuscode: ${answer.status}`);
      const next = new URL(location, at);
      if (next.hostname !== url.hostname) return { result: 'warning', output: `Probe terminated redirects, Response body: ${answer.body}` };
      if (hops >= MAX_REDIRECTS) return failure(`Get "${next}": stopped after 10 redirects`);
      at = next;
    }
  } catch (error) {
    return failure(text(error));
  }
}
