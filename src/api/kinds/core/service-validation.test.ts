import { describe, expect, test } from 'vitest';
import type { Service } from '../../types/core.v1.ts';
import { made, refusals, updateRefusals } from '../complaints.suite.ts';

const port = { port: 80 };
const spec = (more: object) => ({ spec: { ports: [port], selector: { app: 'web' }, ...more } });

const rows: [name: string, fields: object, expected: string[]][] = [
  ['a plain service', spec({}), []],
  ['no ports', { spec: {} }, ['spec.ports: Required value']],
  ['headless without ports', { spec: { clusterIP: 'None' } }, []],
  ['two ports without names', spec({ ports: [port, { port: 81 }] }), ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value']],
  ['one port twice', spec({ ports: [{ name: 'a', port: 80 }, { name: 'b', port: 80 }] }), ['spec.ports[1]: Duplicate value: {"protocol":"TCP","port":80}']],
  ['a node port on a cluster IP', spec({ ports: [{ port: 80, nodePort: 30_000 }] }), ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"]],
  ['one node port twice', spec({ type: 'NodePort', ports: [{ name: 'a', port: 1, nodePort: 30_000 }, { name: 'b', port: 2, nodePort: 30_000 }] }), ['spec.ports[1].nodePort: Duplicate value: 30000']],
  ['an address that is none', spec({ externalIPs: ['your.public.ip.here'] }), ['spec.externalIPs[0]: Invalid value: "your.public.ip.here": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['a loopback address', spec({ externalIPs: ['127.0.0.1'] }), ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['an unknown type', spec({ type: 'Cluster' }), ['spec.type: Unsupported value: "Cluster": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"']],
  ['an external name without name', { spec: { type: 'ExternalName' } }, ['spec.externalName: Required value']],
  ['an external name', { spec: { type: 'ExternalName', externalName: 'example.com.' } }, []],
  ['a bad cluster IP', spec({ clusterIP: 'x' }), ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ['an unknown affinity', spec({ sessionAffinity: 'Sticky' }), ['spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"']],
  ['a policy for nobody outside', spec({ externalTrafficPolicy: 'Local' }), ['spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services']],
  ['a name that begins with a digit', { metadata: { name: '1web' }, ...spec({}) }, ["metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"]],
];

describe('services', () => {
  test.each(rows)('%s', (_name, fields, expected) => {
    expect(refusals('Service', fields)).toEqual(expected);
  });

  test('defaults', () => {
    expect((made('Service', { spec: { ports: [port], type: 'LoadBalancer' } }) as Service).spec).toEqual({
      type: 'LoadBalancer', ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }], sessionAffinity: 'None', externalTrafficPolicy: 'Cluster', internalTrafficPolicy: 'Cluster',
      allocateLoadBalancerNodePorts: true, ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack',
    });
  });

  const allocated = spec({ clusterIP: '10.0.0.9', type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] });

  test('an update that does not repeat what was allocated keeps it', () => {
    let kept: Service | undefined;
    const errors = updateRefusals<Service>('Service', allocated, (service) => {
      delete service.spec.clusterIP;
      delete service.spec.clusterIPs;
      delete service.spec.ports![0]!.nodePort;
      kept = service;
    });
    expect(errors).toEqual([]);
    expect(kept!.spec).toMatchObject({ clusterIP: '10.0.0.9', clusterIPs: ['10.0.0.9'], ports: [{ nodePort: 30_080 }] });
  });

  test('becoming a cluster IP drops node ports; becoming external drops the address', () => {
    let changed: Service | undefined;
    expect(updateRefusals<Service>('Service', allocated, (service) => { service.spec.type = 'ClusterIP'; changed = service; })).toEqual([]);
    expect(changed!.spec.ports![0]).not.toHaveProperty('nodePort');
    expect(changed!.spec).not.toHaveProperty('externalTrafficPolicy');
    expect(updateRefusals<Service>('Service', allocated, (service) => { service.spec.type = 'ExternalName'; service.spec.externalName = 'x.y'; changed = service; })).toEqual([]);
    expect(changed!.spec).not.toHaveProperty('clusterIP');
  });

  test('the cluster IP stays', () => {
    expect(updateRefusals<Service>('Service', allocated, (service) => { service.spec.clusterIP = '10.0.0.10'; })).toEqual(['spec.clusterIPs[0]: Invalid value: []string{"10.0.0.10"}: may not change once set']);
  });
});
