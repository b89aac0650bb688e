import { describe, expect, test } from 'vitest';
import type { Endpoints, Pod, Service } from '../../../api/types/core.v1.ts';
import { rewriteLocation } from './forward.ts';
import { candidates, checkAddress, podPort, servicePortName, splitTarget } from './target.ts';

describe('splitTarget', () => {
  test.each([
    ['web', { scheme: 'http', name: 'web', port: '' }],
    ['web:80', { scheme: 'http', name: 'web', port: '80' }],
    ['https:web:', { scheme: 'https', name: 'web', port: '' }],
    ['https:web:tls', { scheme: 'https', name: 'web', port: 'tls' }],
    [':web:80', { scheme: 'http', name: 'web', port: '80' }],
  ])('%s', (text, expected) => expect(splitTarget('service', text)).toEqual(expected));

  test.each(['', ':80', 'ftp:web:21', 'a:b:c:d'])('"%s" is refused', (text) => expect(() => splitTarget('service', text)).toThrow(`invalid service request "${text}"`));
});

describe('ports', () => {
  const pod = { spec: { containers: [{ name: 'a' }, { name: 'b', ports: [{ containerPort: 8080 }] }] } } as unknown as Pod;
  test.each([['p', 8080], ['p:9', 9]])('of a pod by %s', (text, port) => expect(podPort(pod, splitTarget('pod', text))).toBe(port));
  test('of a pod that declares none', () => {
    const none = { spec: { containers: [{ name: 'a' }] } } as unknown as Pod;
    expect([podPort(none, splitTarget('pod', 'p')), podPort(none, splitTarget('pod', 'https:p:'))]).toEqual([80, 443]);
  });
  test('that cannot be', () => expect(() => podPort(pod, splitTarget('pod', 'p:99999'))).toThrow('invalid port "99999"'));

  const service = { spec: { ports: [{ port: 80, name: 'http' }, { port: 81 }] } } as unknown as Service;
  test.each([['s:80', 'http'], ['s:81', ''], ['s:http', 'http'], ['s', '']])('of a service by %s', (text, name) => expect(servicePortName(service, splitTarget('service', text))).toBe(name));
  test('of a service that has no such number', () => expect(() => servicePortName(service, splitTarget('service', 's:82'))).toThrow('no service port 82 found for service "s"'));
});

test('candidates are the ready pods of the port', () => {
  const targetRef = { kind: 'Pod', name: 'p1' };
  const endpoints = { subsets: [
    { addresses: [{ ip: '10.0.0.1', targetRef }, { ip: '10.9.9.9' }], notReadyAddresses: [{ ip: '10.0.0.3', targetRef }], ports: [{ name: 'http', port: 8080 }, { name: 'x', port: 9 }] },
    { addresses: [{ ip: '10.0.0.2', targetRef: { kind: 'Pod', name: 'p2' } }], ports: [{ name: 'http', port: 8081 }] },
  ] } as unknown as Endpoints;
  expect(candidates(endpoints, 'http', 'web:http')).toEqual([{ ip: '10.0.0.1', port: 8080, pod: 'p1' }, { ip: '10.0.0.2', port: 8081, pod: 'p2' }]);
  expect(() => candidates(endpoints, 'y', 'web:y')).toThrow('no endpoints available for service "web:y"');
});

describe('addresses', () => {
  test.each([['10.1.2.3', false], ['192.168.1.1', false], ['fd00::1', false], ['127.244.1.5', true]])('%s may be reached', (ip, loopbackPods) => expect(() => checkAddress(ip, loopbackPods)).not.toThrow());
  test.each([['', false], ['127.0.0.1', false], ['127.0.0.1', true], ['127.244.1.5', false], ['::1', true], ['169.254.169.254', false], ['::ffff:127.0.0.1', true], ['224.0.0.1', false], ['0.0.0.0', false], ['x', false]])('%s may not', (ip, loopbackPods) =>
    expect(() => checkAddress(ip, loopbackPods)).toThrow('address not allowed'));
});

describe('a redirect', () => {
  const to = { host: '10.0.0.1', port: 8080, prefix: '/api/v1/namespaces/d/services/web/proxy' };
  test.each([
    ['/login', `${to.prefix}/login`],
    ['http://10.0.0.1:8080/login?a=b', `${to.prefix}/login?a=b`],
    ['https://127.0.0.1:6443/x', `${to.prefix}/x`],
    ['relative', 'relative'],
    ['https://example.com/x', 'https://example.com/x'],
    ['//example.com/x', '//example.com/x'],
    [`${to.prefix}/x`, `${to.prefix}/x`],
  ])('to %s', (location, expected) => expect(rewriteLocation(location, to, '127.0.0.1:6443')).toBe(expected));
});
