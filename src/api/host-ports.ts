import type { PodSpec } from './types/core.v1.ts';

/** A port of its node that a pod takes. */
export interface HostPort {
  readonly protocol: string;
  readonly ip: string;
  readonly port: number;
}

/** The ports of its node that a pod takes for as long as it runs (scheduler/util GetHostPorts). */
export function hostPortsOf(spec: PodSpec): HostPort[] {
  return [...spec.containers, ...(spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')].flatMap((c) => c.ports ?? []).filter((p) => (p.hostPort ?? 0) > 0)
    .map((p) => ({ protocol: p.protocol ?? 'TCP', ip: p.hostIP || '0.0.0.0', port: p.hostPort ?? 0 }));
}

/** Whether one of these ports cannot be had beside those. */
export function portsClash(wanted: readonly HostPort[], taken: readonly HostPort[]): boolean {
  return wanted.some((a) => taken.some((b) => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')));
}

/** What is said where they clash (plugins/nodeports). */
export const NO_FREE_PORTS = "node(s) didn't have free ports for the requested pod ports";
