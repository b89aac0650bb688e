import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalize } from './normalize.ts';

const normalized = (id: string, object: object) => {
  const copy = JSON.parse(JSON.stringify(object)) as object;
  normalize(id, copy);
  return copy;
};

describe('normalize', () => {
  it.each<[string, string, object, object]>([
    ['drops zero values that Go omits', 'core/v1.PodSpec', { containers: [], hostname: '', hostNetwork: false, nodeSelector: {}, priority: 0 }, { containers: [], priority: 0 }],
    ['keeps zero values behind pointers', 'apps/v1.DeploymentSpec', { replicas: 0, paused: false, selector: {}, template: { spec: { containers: [] } } },
      { replicas: 0, selector: {}, template: { metadata: { creationTimestamp: null }, spec: { containers: [] } }, strategy: {} }],
    ['writes structs that are not pointers', 'core/v1.Service', { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: null }, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', creationTimestamp: null }, spec: {}, status: { loadBalancer: {} } }],
    ['writes required fields', 'core/v1.EnvVar', {}, { name: '' }],
    ['drops unknown fields', 'core/v1.EnvVar', { name: 'a', value: 'b', valve: 'c', kind: 'x' }, { name: 'a', value: 'b' }],
    ['makes quantities canonical', 'core/v1.ResourceRequirements', { limits: { cpu: '1000m', memory: '1024Mi', pods: 3 }, requests: { cpu: 0.5 } }, { limits: { cpu: '1', memory: '1Gi', pods: '3' }, requests: { cpu: '500m' } }],
    ['writes a zero quantity', 'core/v1.ResourceFieldSelector', { resource: 'limits.cpu' }, { resource: 'limits.cpu', divisor: '0' }],
    ['makes times canonical', 'meta/v1.ObjectMeta', { creationTimestamp: '2025-01-02T03:04:05.678+02:00', deletionTimestamp: null }, { creationTimestamp: '2025-01-02T01:04:05Z' }],
    ['writes a time that was never set', 'core/v1.PodCondition', { type: 'Ready', status: 'True' }, { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }],
    ['keeps microseconds', 'coordination/v1.LeaseSpec', { renewTime: '2025-01-02T05:04:05.600000+02:00' }, { renewTime: '2025-01-02T03:04:05.600000Z' }],
    ['keeps both forms of IntOrString', 'core/v1.TCPSocketAction', { port: 'http' }, { port: 'http' }],
    ['reads null in maps and lists as zero', 'core/v1.PodSpec', { nodeSelector: { a: null }, containers: [{ name: 'a', args: [null] }] }, { nodeSelector: { a: '' }, containers: [{ name: 'a', args: [''], resources: {} }] }],
    ['flattens inlined messages', 'core/v1.Probe', { exec: { command: [] }, periodSeconds: 0 }, { exec: {} }],
  ])('%s', (_, id, object, result) => expect(normalized(id, object)).toEqual(result));

  it.each<[string, object, string]>([
    ['apps/v1.Deployment', { spec: { template: { spec: { containers: [{ env: [{ name: 'a', value: 1 }] }] } } } }, 'json: cannot unmarshal number into Go struct field EnvVar.spec.template.spec.containers.env.value of type string'],
    ['apps/v1.Deployment', { spec: { replicas: '3' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['apps/v1.Deployment', { spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['apps/v1.Deployment', { spec: { replicas: 3e9 } }, 'json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['core/v1.Pod', { spec: [] }, 'json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec'],
    ['core/v1.Pod', { spec: { containers: {} } }, 'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container'],
    ['core/v1.Pod', { metadata: { labels: { a: true } } }, 'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string'],
    ['core/v1.Pod', { spec: { containers: [{ resources: { limits: { cpu: 'much' } } }] } }, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
    ['coordination/v1.LeaseSpec', { renewTime: '2025-01-02T03:04:05.6Z' }, 'parsing time "2025-01-02T03:04:05.6Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse ".6Z" as ".000000"'],
    ['core/v1.Pod', { metadata: { creationTimestamp: '2025-02-30T00:00:00Z' } }, 'parsing time "2025-02-30T00:00:00Z" as "2006-01-02T15:04:05Z07:00": cannot parse "2025-02-30T00:00:00Z" as "2006"'],
    ['core/v1.Secret', { data: { a: 'not base64!' } }, 'illegal base64 data at input byte 3'],
    ['core/v1.TCPSocketAction', { port: true }, 'json: cannot unmarshal bool into Go value of type int32'],
  ])('%s refuses %j', (id, object, text) => expect(() => normalized(id, object)).toThrow(text));

  it('changes nothing the second time, and no prototype ever', () => {
    const leaf = fc.oneof(fc.constant(null), fc.constant(''), fc.constant(0), fc.string(), fc.boolean(), fc.nat());
    const spec = fc.record({
      nodeSelector: fc.dictionary(fc.constantFrom('a', '__proto__', 'constructor'), fc.oneof(fc.string(), fc.constant(null))), hostname: fc.constantFrom('', 'h', null), priority: fc.constantFrom(0, 1, null),
      containers: fc.array(fc.record({ name: fc.string(), image: fc.option(fc.string()), ports: fc.array(fc.record({ containerPort: fc.nat(65535), name: fc.constantFrom('', 'x') })) })), __proto__: leaf, extra: leaf,
    }, { requiredKeys: [] });
    fc.assert(fc.property(spec, (value) => {
      const once = normalized('core/v1.PodSpec', value);
      expect(JSON.stringify(normalized('core/v1.PodSpec', once))).toBe(JSON.stringify(once));
      expect(Object.getPrototypeOf((once as { nodeSelector?: object }).nodeSelector ?? {})).toBe(Object.prototype);
      expect(({} as Record<string, unknown>)['a']).toBeUndefined();
    }));
  });
});
