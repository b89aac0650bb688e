import { expect, test } from 'vitest';
import type { Ingress, PathType } from '../../api/types/networking.v1.ts';
import { createMeter } from '../meter.ts';
import { unsupportedAnnotations } from './annotations.ts';
import { isOurs, rulesOfIngresses, weightsOf } from './from-ingress.ts';
import { createRouter } from './router.ts';
import { changeHeaders, changePath } from './rule.ts';
import { locate } from './target.ts';
import { weightedRoundRobin } from './weighted.ts';

const keep = { meter: () => createMeter(() => 0), weighted: (_: string, weights: readonly number[]) => weightedRoundRobin(weights) };
const backend = (name: string) => ({ service: { name, port: { number: 80 } } });
let created = 0;
function ingress(name: string, spec: Ingress['spec'], annotations: Record<string, string> = {}): Ingress {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata: { name, namespace: 'default', annotations, creationTimestamp: `2025-01-01T00:00:${String(created++).padStart(2, '0')}Z` }, spec };
}
const path = (value: string | undefined, pathType: PathType, service: string) => ({ path: value, pathType, backend: backend(service) });
const rule = (host: string | undefined, ...paths: ReturnType<typeof path>[]) => ({ host, http: { paths } });

const router = createRouter(
  rulesOfIngresses(
    [
      ingress('a', { rules: [rule('a.test', path('/', 'Prefix', 'root'), path('/foo', 'Prefix', 'foo'), path('/foo/bar', 'Exact', 'bar'), path('/foo/', 'Exact', 'slash'))] }),
      ingress('wild', { rules: [rule('*.wild.test', path('/', 'Prefix', 'wild')), rule('own.wild.test', path('/x', 'Prefix', 'own'))] }),
      ingress('later', { rules: [rule('a.test', path('/foo', 'Prefix', 'late'))] }),
      ingress('seed', { rules: [rule('canary.tutorial-api.com', path(undefined, 'ImplementationSpecific', 'canary'))] }),
      ingress('regex', { rules: [rule('re.test', path('/v(\\d)/(.*)', 'ImplementationSpecific', 're'), path('/', 'Prefix', 're-root'))] }, { 'nginx.ingress.kubernetes.io/rewrite-target': '/$2' }),
      ingress('default', { defaultBackend: backend('fallback') }),
      ingress('own-default', { defaultBackend: backend('mine'), rules: [rule('d.test', path('/x', 'Prefix', 'x'))] }),
      ingress('bad', { rules: [rule('bad.test', path('/(', 'ImplementationSpecific', 'bad'))] }, { 'nginx.ingress.kubernetes.io/use-regex': 'true' }),
    ],
    keep,
  ),
);

test.each([
  ['a.test', '/', 'root'],
  ['a.test', '/fool', 'root'],
  ['a.test', '/foo', 'foo'],
  ['a.test', '/foo/', 'slash'],
  ['a.test', '/foo/x', 'foo'],
  ['a.test', '/foo/bar', 'bar'],
  ['a.test', '/foo/bar/', 'foo'],
  ['one.wild.test', '/', 'wild'],
  ['two.one.wild.test', '/', 'fallback'],
  ['wild.test', '/', 'fallback'],
  ['own.wild.test', '/x', 'own'],
  ['own.wild.test', '/y', 'wild'],
  ['canary.tutorial-api.com', '/any', 'canary'],
  ['re.test', '/v1/x', 're'],
  ['re.test', '/other', 're-root'],
  ['nowhere.test', '/', 'fallback'],
  ['d.test', '/x', 'x'],
  ['d.test', '/y', 'mine'],
  ['bad.test', '/(', 'fallback'],
])('%s%s → %s', (host, path, expected) => {
  const found = router.match(host, path, '', { method: 'GET', header: () => undefined });
  expect(found?.action.kind === 'forward' && found.action.targets[0]!.service).toBe(expected);
});

test("an Ingress' default backend answers for hosts that nobody names, beside its rules", () => {
  const alone = createRouter(rulesOfIngresses([ingress('own-default', { defaultBackend: backend('mine'), rules: [rule('d.test', path('/x', 'Prefix', 'x'))] }), ingress('other', { rules: [rule('o.test', path('/x', 'Prefix', 'o'))] })], keep));
  const to = (host: string, path: string) => {
    const action = alone.match(host, path, '', { method: 'GET', header: () => undefined })?.action;
    return action?.kind === 'forward' ? action.targets[0]!.service : undefined;
  };
  expect([to('nowhere.test', '/'), to('o.test', '/x'), to('o.test', '/y'), to('d.test', '/x')]).toEqual(['mine', 'o', 'mine', 'x']);
});

test('annotations that would change something, and do not', () => {
  const nginx = (names: Record<string, string>) => Object.fromEntries(Object.entries(names).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]));
  expect(unsupportedAnnotations(ingress('quiet', {}, { 'kubernetes.io/ingress.class': 'nginx', ...nginx({ canary: 'true', 'proxy-body-size': '8m', 'enable-cors': 'false', 'backend-protocol': 'GRPCS' }) }))).toEqual([]);
  expect(unsupportedAnnotations(ingress('loud', {}, { 'traefik.ingress.kubernetes.io/router.tls': 'true', ...nginx({ 'whitelist-source-range': '10.0.0.0/8', 'auth-url': 'http://x', 'backend-protocol': 'FCGI' }) }))).toEqual([
    'nginx.ingress.kubernetes.io/auth-url', 'nginx.ingress.kubernetes.io/backend-protocol', 'nginx.ingress.kubernetes.io/whitelist-source-range', 'traefik.ingress.kubernetes.io/router.tls',
  ]);
});

test.each([
  ['/a/../b', '/b'],
  ['/a//b', '/a/b'],
  ['/%2e%2e/secret', '/secret'],
  ['/open/%2E%2E/secret/', '/secret/'],
  ['/a/.hidden', '/a/.hidden'],
  ['/../../..', '/'],
  ['/a\\..\\b', '/b'],
])('%s is matched as %s, and passed on as it came', (target, path) => {
  expect(locate(target, 'h')).toMatchObject({ path, target });
});

test('hosts are read without port and case; absolute targets have their own', () => {
  expect(locate('/x?y=z', 'EXAMPLE.org:8080')).toMatchObject({ host: 'example.org', path: '/x', query: 'y=z' });
  expect(locate('http://other.test/x', 'example.org')).toMatchObject({ host: 'other.test', target: '/x' });
  expect(locate('nonsense', 'example.org')).toBeUndefined();
});

test('classes: any name is ours unless an object gives it to another controller', () => {
  const classes = [{ apiVersion: '', kind: '', metadata: { name: 'other' }, spec: { controller: 'k8s.io/other' } }];
  const spec = { rules: [] };
  expect(isOurs(ingress('x', spec, { 'kubernetes.io/ingress.class': 'nginx' }), classes)).toBe(true);
  expect(isOurs(ingress('x', { ...spec, ingressClassName: 'traefik' }), classes)).toBe(true);
  expect(isOurs(ingress('x', { ...spec, ingressClassName: 'other' }), classes)).toBe(false);
  expect(isOurs(ingress('x', spec), classes)).toBe(true);
});

test.each([
  [[['25', undefined]], [750_000, 250_000]],
  [[['1', '3']], [666_667, 333_333]],
  [[['80', undefined], ['80', undefined]], [0, 500_000, 500_000]],
  [[['nonsense', undefined]], [1_000_000, 0]],
] as const)('canary weights %j', (canaries, expected) => {
  const made = canaries.map(([weight, total]) => ingress('c', {}, { 'nginx.ingress.kubernetes.io/canary-weight': weight, ...(total !== undefined && { 'nginx.ingress.kubernetes.io/canary-weight-total': total }) }));
  expect(weightsOf(made)).toEqual(expected);
});

test.each([
  ['/foo/bar', '/foo', '/baz', '/baz/bar'],
  ['/foo', '/foo', '/', '/'],
  ['/foo/x', '/foo/', '/', '/x'],
  ['/foo', '/foo', '/xyz', '/xyz'],
])('prefix rewrite of %s by %s → %s', (path, matched, to, expected) => {
  expect(changePath(path, { type: 'prefix', value: to }, { type: 'Prefix', value: matched })).toBe(expected);
});

test('headers are set, added and removed', () => {
  expect(changeHeaders('A: 1\r\nB: 2\r\nC: 3\r\n', { set: [['a', '9']], add: [['B', '8'], ['D', '4']], remove: ['c'] })).toBe('B: 2,8\r\na: 9\r\nD: 4\r\n');
});
