import { expect, test } from 'vitest';
import { ownMetrics } from './own.ts';

test('what only grows is a counter, shown as it stands however often it is asked for', async () => {
  const figures = { namespace: 'default', name: 'web', requests: 7, failures: 2, perSecond: 1, inFlight: 3, latency: { p99Ms: 4 } };
  const own = ownMetrics({ pods: () => [], requests: () => ({ pods: [{ ...figures, port: 80 }], routes: [{ ...figures, kind: 'Ingress', host: 'a.example', path: '/' }] }) });
  own.observe({ namespace: 'default', name: 'web', action: 'none', error: 'none', seconds: 0.01, desired: 2, metrics: [] });
  const page = await own.text();
  expect(await own.text()).toBe(page);
  expect(page).toContain('coracle_http_requests_total{kind="Ingress",namespace="default",name="web",part="a.example/"} 7\n');
  expect(page).toContain('coracle_http_request_failures_total{kind="Pod",namespace="default",name="web",part="80"} 2\n');
  const types = [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name!, type!] as const);
  expect(types.filter(([name, type]) => name.endsWith('_total') !== (type === 'counter'))).toEqual([]);
});
