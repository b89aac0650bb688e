import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { PodStats } from '../../types.ts';
import { kubeletPage } from './kubelet-pages.ts';

const container = (name: string, cpuSeconds: number, memory: number): PodStats['containers'][number] =>
  ({ name, at: 2_000, startedAt: 1_000, cpuNanoseconds: cpuSeconds * 1e9, memoryUsageBytes: memory, memoryWorkingSetBytes: memory }) as PodStats['containers'][number];
const pod = { name: 'p', namespace: 'ns', uid: 'u', containers: [container('a', 1, 10), container('b', 2, 20)] } as unknown as PodStats;
const page = async (path: string, pods: PodStats[]) => text((await kubeletPage({ nodeName: 'n', stats: async () => pods }, path, async () => [])).body);

it('counts containers, and the node as their sum', async () => {
  const metrics = await page('/metrics/resource', [pod]);
  expect(metrics).toContain('\ncontainer_cpu_usage_seconds_total{container="b",namespace="ns",pod="p"} 2 2000\n');
  expect(metrics).toContain('\nnode_cpu_usage_seconds_total 3 2000\n');
  expect(metrics).toContain('\nnode_memory_working_set_bytes 30 2000\n');
});

it('has something to say of an empty node', async () => {
  expect(await page('/metrics/resource', [])).toContain('\nnode_cpu_usage_seconds_total 0\n');
  expect(await page('/metrics', [])).toContain('\nkubelet_node_name{node="n"} 1\n');
  expect(await page('/metrics?x=1', [pod])).toMatch(/\nkubelet_running_pods 1\n[^]*\nkubelet_running_containers\{container_state="running"\} 2\n/);
});
