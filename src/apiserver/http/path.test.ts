import { describe, expect, it } from 'vitest';
import { StatusError } from '../../api/errors.ts';
import { byVersionPriority } from '../scheme.ts';
import { negotiate } from './negotiate.ts';
import { requestInfo, type RequestInfo } from './path.ts';
import { Query, listParams } from './query.ts';

describe('requestInfo', () => {
  const cases: [method: string, path: string, watch: boolean, info: Partial<RequestInfo>][] = [
    ['GET', '/api/v1/namespaces/a/pods/p/log', false, { verb: 'get', group: '', version: 'v1', namespace: 'a', resource: 'pods', name: 'p', subresource: 'log' }],
    ['GET', '/api/v1/pods', false, { verb: 'list', resource: 'pods', namespace: '', name: '' }],
    ['GET', '/api/v1/pods', true, { verb: 'watch', resource: 'pods' }],
    ['GET', '/api/v1/watch/namespaces/a/pods', false, { verb: 'watch', resource: 'pods', namespace: 'a', watchPrefix: true }],
    ['POST', '/apis/apps/v1/namespaces/a/deployments', false, { verb: 'create', group: 'apps', resource: 'deployments', namespace: 'a' }],
    ['PUT', '/apis/apps/v1/namespaces/a/deployments/d/status', false, { verb: 'update', subresource: 'status', name: 'd' }],
    ['DELETE', '/api/v1/namespaces/a/pods', false, { verb: 'deletecollection', resource: 'pods', namespace: 'a' }],
    ['DELETE', '/api/v1/namespaces/a', false, { verb: 'delete', resource: 'namespaces', name: 'a', namespace: 'a' }],
    ['PUT', '/api/v1/namespaces/a/finalize', false, { verb: 'update', resource: 'namespaces', name: 'a', subresource: 'finalize' }],
    ['GET', '/api/v1/namespaces', false, { verb: 'list', resource: 'namespaces', name: '', namespace: '' }],
    ['GET', '/api/v1/namespaces/a/services/s:80/proxy/x/y', false, { resource: 'services', name: 's:80', subresource: 'proxy', rest: 'x/y' }],
    ['GET', '/api/v1/nodes/a%2Fb', false, { resource: 'nodes', name: 'a/b' }],
    ['GET', '/apis/apps/v1', false, { isResource: false, verb: 'get' }],
    ['GET', '/healthz', false, { isResource: false, path: '/healthz' }],
  ];
  it.each(cases)('%s %s', (method, path, watch, info) => expect(requestInfo(method, path, watch)).toMatchObject({ isResource: true, ...info }));
});

describe('negotiate', () => {
  const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const cases: [accept: string | undefined, form: object | 'refused'][] = [
    [undefined, { format: 'json' }],
    ['*/*', { format: 'json' }],
    [`${TABLE},application/json`, { format: 'json', as: 'Table', version: 'v1' }],
    ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', { format: 'json' }],
    ['application/vnd.kubernetes.protobuf,application/json', { format: 'json' }],
    ['application/vnd.kubernetes.protobuf', { format: 'protobuf' }],
    ['application/yaml;q=0.9,application/json;q=0.1', { format: 'yaml' }],
    ['text/html', 'refused'],
  ];
  it.each(cases)('%s', (accept, form) => {
    const choose = () => negotiate(accept, { table: true });
    if (form === 'refused') expect(choose).toThrow(StatusError);
    else expect(choose()).toEqual(form);
  });
});

it('orders versions as Kubernetes does', () => {
  expect(['v1beta1', 'v2beta1', 'v1', 'v1alpha1', 'v2', 'foo', 'v2beta2'].sort(byVersionPriority)).toEqual(['v2', 'v1', 'v2beta2', 'v2beta1', 'v1beta1', 'v1alpha1', 'foo']);
});

it('reads booleans and numbers as Go does', () => {
  expect(new Query('watch=1&a=false&b=&c=False&d=yes').bool('watch')).toBe(true);
  expect(['a', 'b', 'c', 'd', 'e'].map((name) => new Query('a=false&b=&c=False&d=yes').bool(name))).toEqual([false, false, false, true, undefined]);
  expect(() => listParams(new Query('limit=1e3'))).toThrow('strconv.ParseInt: parsing "1e3": invalid syntax');
});
