import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import type { PodStats } from '../../types.ts';
import { kubeletPage } from './kubelet-pages.ts';

const container = (name: string, cpuNanoseconds: number, memory: number) => ({ name, at: 5000, startedAt: 2000, cpuNanoseconds, memoryUsageBytes: memory + 1, memoryWorkingSetBytes: memory, oomKills: 0 });
const pods: PodStats[] = [{ namespace: 'shop', name: 'web', uid: 'u', containers: [container('a', 1.5e9, 100), container('b', 5e8, 10)] }, { namespace: 'shop', name: 'db', uid: 'v', containers: [container('c', 0, 7)] }];
const kubelet = { nodeName: 'n1', stats: async () => pods };

async function page(path: string): Promise<{ status: number; lines: string[] }> {
  const { status, body } = await kubeletPage(kubelet, path, async () => []);
  return { status, lines: (await text(body)).split('\n').filter((line) => line !== '' && !line.startsWith('#')) };
}

test.each([
  ['/metrics', ['kubelet_node_name{node="n1"} 1', 'kubelet_running_containers{container_state="running"} 3', 'kubelet_running_pods 2']],
  ['/metrics/resource', ['container_cpu_usage_seconds_total{container="a",namespace="shop",pod="web"} 1.5 5000', 'pod_cpu_usage_seconds_total{namespace="shop",pod="web"} 2 5000', 'pod_memory_working_set_bytes{namespace="shop",pod="web"} 110 5000', 'node_cpu_usage_seconds_total 2', 'node_memory_working_set_bytes 117', 'resource_scrape_error 0']],
  ['/metrics/cadvisor?x=y', ['container_cpu_usage_seconds_total{container="b",cpu="total",namespace="shop",pod="web"} 0.5 5000', 'container_memory_usage_bytes{container="c",namespace="shop",pod="db"} 8 5000', 'container_start_time_seconds{container="a",namespace="shop",pod="web"} 2 5000']],
])('%s', async (path, expected) => {
  const { status, lines } = await page(path);
  expect(status).toBe(200);
  expect(lines).toEqual(expect.arrayContaining(expected));
});

test('other pages are not there', async () => {
  expect(await page('/configz')).toEqual({ status: 404, lines: ['404 page not found'] });
});

test('an empty node has something to say', async () => {
  const empty = { nodeName: 'n1', stats: async () => [] };
  expect(await text((await kubeletPage(empty, '/metrics/resource', async () => [])).body)).toMatch(/^node_cpu_usage_seconds_total 0$/m);
  expect(await text((await kubeletPage(empty, '/metrics', async () => [])).body)).toMatch(/^kubelet_running_pods 0$/m);
});
