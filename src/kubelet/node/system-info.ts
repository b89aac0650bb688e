import { arch, release } from 'node:os';
import { readFileSync } from 'node:fs';
import type { NodeSystemInfo } from '../../api/types/core.v1.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Go's name of this machine's architecture. */
export function goArch(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', arm64: 'arm64', arm: 'arm', ppc64: 'ppc64le' };
  return names[arch()] ?? arch();
}

/** What `kubectl describe node` shows of the machine. `version`: the Kubernetes version served. */
export function systemInfo(runtime: Runtime, version: string): NodeSystemInfo {
  return {
    machineID: firstLine('/etc/machine-id'),
    systemUUID: firstLine('/sys/class/dmi/id/product_uuid'),
    bootID: firstLine('/proc/sys/kernel/random/boot_id'),
    kernelVersion: release(),
    osImage: osImage(),
    containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
    kubeletVersion: version,
    kubeProxyVersion: version,
    operatingSystem: 'linux',
    architecture: goArch(),
  };
}

/** Bytes that programs can still take without swapping; Infinity where Linux does not say. */
export async function machineMemory(): Promise<number> {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo'))?.[1];
  return kib === undefined ? Infinity : Number(kib) * 1024;
}

function firstLine(path: string): string {
  return read(path).split('\n')[0]!.trim();
}

function osImage(): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release'))?.[1] ?? 'Linux';
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
