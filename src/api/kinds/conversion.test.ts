import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConvertedVersion, Kind } from '../kind.ts';
import { apiVersionOf, type AnyObject, type KubeObject } from '../object.ts';
import { deployment } from './apps/deployment.ts';
import { daemonSet } from './apps/daemon-set.ts';
import { horizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts';
import { builtinKinds } from './index.ts';

const versions = (name: string): [Kind, readonly ConvertedVersion[]] => {
  const kind = builtinKinds.find((k) => k.kind === name)!;
  return [kind, kind.served ?? []];
};

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
const labels = fc.dictionary(word, word, { maxKeys: 3, noNullPrototype: true });
const optional = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) => fc.record(model, { requiredKeys: [] });
const selector = fc.oneof(fc.constant({}), fc.record({ matchLabels: fc.dictionary(word, word, { minKeys: 1, maxKeys: 2, noNullPrototype: true }) }), fc.record({ matchExpressions: fc.tuple(fc.record({ key: word, operator: fc.constant('Exists') })) }));
const metadata = fc.record({ name: word, namespace: word }, { requiredKeys: ['name'] });
const quantity = fc.constantFrom('1', '500m', '2Ki');
const metricId = fc.record({ name: word, selector }, { requiredKeys: ['name'] });
const percent = fc.integer({ min: 1, max: 100 });

const resourceTarget = fc.oneof(fc.record({ type: fc.constant('Utilization'), averageUtilization: percent }), fc.record({ type: fc.constant('AverageValue'), averageValue: quantity }));
const valueTarget = fc.oneof(fc.record({ type: fc.constant('Value'), value: quantity }), fc.record({ type: fc.constant('AverageValue'), averageValue: quantity }));
const otherMetric = fc.oneof(
  fc.record({ type: fc.constant('Pods'), pods: fc.record({ metric: metricId, target: fc.record({ type: fc.constant('AverageValue'), averageValue: quantity }) }) }),
  fc.record({ type: fc.constant('Resource'), resource: fc.record({ name: fc.constant('memory'), target: resourceTarget }) }),
  fc.record({ type: fc.constant('ContainerResource'), containerResource: fc.record({ name: fc.constant('cpu'), container: word, target: resourceTarget }) }),
  fc.record({ type: fc.constant('External'), external: fc.record({ metric: metricId, target: valueTarget }) }),
  fc.record({ type: fc.constant('Object'), object: fc.record({ describedObject: fc.record({ kind: word, name: word }), metric: metricId, target: valueTarget }) }),
);
const cpu = percent.map((averageUtilization) => ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }));
const rules = fc.record({ stabilizationWindowSeconds: percent, selectPolicy: fc.constantFrom('Max', 'Min'), policies: fc.array(fc.record({ type: fc.constantFrom('Pods', 'Percent'), value: percent, periodSeconds: percent }), { minLength: 1, maxLength: 2 }) });
const behavior = fc.oneof(fc.record({ scaleUp: rules }), fc.record({ scaleUp: rules, scaleDown: fc.record({ tolerance: fc.constant('100m') }) }));

/** Objects in stored form, with what the older forms treat in a way of their own. */
const stored: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  Deployment: fc.record({ metadata: fc.record({ name: word, annotations: fc.oneof(fc.constant({ 'deprecated.deployment.rollback.to': '3' }), labels.filter((l) => Object.keys(l).length > 0)) }, { requiredKeys: ['name'] }), spec: fc.record({ replicas: percent, selector, template: fc.record({ metadata: optional({ labels }), spec: fc.constant({ containers: [] }) }) }) }),
  DaemonSet: fc.record({ metadata: fc.constantFrom({ name: 'd' }, { name: 'd', annotations: { 'deprecated.daemonset.template.generation': '2' } }), spec: fc.record({ selector }) }),
  StatefulSet: fc.record({ metadata, spec: fc.record({ selector, serviceName: word }) }),
  ReplicaSet: fc.record({ metadata, spec: fc.record({ selector }) }),
  Ingress: fc.record({
    metadata,
    spec: optional({
      ingressClassName: word,
      defaultBackend: fc.record({ service: fc.record({ name: word, port: fc.oneof(fc.record({ name: word }), fc.record({ number: fc.integer({ min: 1, max: 65535 }) })) }) }),
      rules: fc.array(fc.record({ host: word, http: fc.record({ paths: fc.array(fc.record({ path: fc.constant('/'), pathType: fc.constant('Prefix'), backend: fc.oneof(fc.record({ resource: fc.record({ kind: word, name: word }) }), fc.record({ service: fc.record({ name: word, port: fc.record({ number: fc.constant(80) }) }) })) }), { maxLength: 2 }) }) }, { requiredKeys: ['host'] }), { maxLength: 2 }),
    }),
  }),
  PodDisruptionBudget: fc.record({ metadata, spec: optional({ selector, minAvailable: percent }) }),
  EndpointSlice: fc.record({
    metadata, addressType: fc.constant('IPv4'),
    endpoints: fc.array(fc.record({ addresses: fc.constant(['10.0.0.1']), zone: word, nodeName: word, deprecatedTopology: fc.record({ rack: word }) }, { requiredKeys: ['addresses'] }), { maxLength: 3 }),
  }),
  Event: fc.record({ metadata, involvedObject: fc.record({ kind: word }), message: word, source: fc.record({ component: word }), count: percent, reportingComponent: word }, { requiredKeys: ['metadata', 'involvedObject'] }),
  HorizontalPodAutoscaler: fc.record({
    metadata: fc.record({ name: word, annotations: fc.constant({ mine: 'kept' }) }, { requiredKeys: ['name'] }),
    // Version 1 keeps the CPU metric apart: it comes back last.
    spec: fc.tuple(fc.array(otherMetric, { maxLength: 2 }), fc.option(cpu), fc.option(behavior)).map(([others, last, how]) => {
      const metrics = last ? [...others, last] : others;
      return { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 5, ...(metrics.length > 0 && { metrics }), ...(how && { behavior: how }) };
    }),
    status: fc.record({ currentReplicas: percent, desiredReplicas: percent, conditions: fc.constant([{ type: 'AbleToScale', status: 'True' }]), currentMetrics: fc.tuple(fc.record({ type: fc.constant('Resource'), resource: fc.record({ name: fc.constant('cpu'), current: fc.record({ averageUtilization: percent, averageValue: quantity }) }) })) }, { requiredKeys: ['currentReplicas', 'desiredReplicas'] }),
  }),
};

describe('old versions', () => {
  for (const [name, arbitrary] of Object.entries(stored)) {
    const [kind, served] = versions(name);
    for (const version of served) {
      test(`${apiVersionOf(version)} ${name} loses nothing`, () => {
        fc.assert(fc.property(arbitrary, (fields) => {
          const object = { apiVersion: apiVersionOf(kind.storage), kind: name, ...fields } as unknown as AnyObject;
          const before = structuredClone(object);
          const old = version.fromStorage(object);
          expect(old.apiVersion).toBe(apiVersionOf(version));
          expect(version.toStorage(structuredClone(old))).toEqual(before);
          expect(object).toEqual(before);
        }), { numRuns: 60 });
      });
    }
  }

  test('say what replaces them', () => {
    const warnings = builtinKinds.flatMap((kind) => (kind.served ?? []).map((version) => version.warning)).filter((w) => w !== undefined);
    expect(warnings).toContain('extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress');
    expect(warnings).toContain('autoscaling/v2beta1 HorizontalPodAutoscaler is deprecated in v1.22+, unavailable in v1.25+; use autoscaling/v2 HorizontalPodAutoscaler');
    expect(new Set(warnings).size).toBe(warnings.length);
  });
});

function stores(kind: Kind, apiVersion: string, fields: Record<string, unknown>): AnyObject {
  const version = kind.served!.find((v) => apiVersionOf(v) === apiVersion)!;
  const object = { apiVersion, kind: kind.kind, metadata: { name: 'x' }, ...fields } as KubeObject;
  version.defaults?.(object);
  const stored = version.toStorage(object);
  kind.defaults?.(stored);
  return stored as AnyObject;
}

describe('defaults of old versions', () => {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };

  test('an extensions deployment takes its selector and labels from its template, rolls one by one and keeps all revisions', () => {
    const stored = stores(deployment as unknown as Kind, 'extensions/v1beta1', { spec: { template } });
    expect(stored.metadata.labels).toEqual({ app: 'web' });
    expect(stored.spec).toMatchObject({ selector: { matchLabels: { app: 'web' } }, strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } }, revisionHistoryLimit: 2147483647, progressDeadlineSeconds: 2147483647 });
  });

  test('apps/v1beta1 keeps two revisions, apps/v1beta2 has no selector of its own', () => {
    expect(stores(deployment as unknown as Kind, 'apps/v1beta1', { spec: { template } }).spec).toMatchObject({ revisionHistoryLimit: 2, selector: { matchLabels: { app: 'web' } }, strategy: { rollingUpdate: { maxUnavailable: '25%' } } });
    expect(stores(deployment as unknown as Kind, 'apps/v1beta2', { spec: { template } }).spec).not.toHaveProperty('selector');
  });

  test('an extensions daemon set waits for deletes', () => {
    expect(stores(daemonSet as unknown as Kind, 'extensions/v1beta1', { spec: { template, templateGeneration: 4 } })).toMatchObject({
      metadata: { annotations: { 'deprecated.daemonset.template.generation': '4' } },
      spec: { updateStrategy: { type: 'OnDelete' } },
    });
  });

  test('autoscaling/v1 without a percentage means 80 % CPU', () => {
    const target = { scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 5 };
    const kind = horizontalPodAutoscaler as unknown as Kind;
    expect(stores(kind, 'autoscaling/v1', { spec: target }).spec).toMatchObject({ minReplicas: 1, metrics: [{ resource: { target: { averageUtilization: 80 } } }] });
    expect(stores(kind, 'autoscaling/v1', { spec: { ...target, targetCPUUtilizationPercentage: 30 } }).spec).toMatchObject({ metrics: [{ resource: { target: { averageUtilization: 30 } } }] });
  });

  test('autoscaling/v1 writes the annotations upstream writes', () => {
    const v1 = horizontalPodAutoscaler.served![0]!;
    const shown = v1.fromStorage({
      apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x' },
      spec: {
        scaleTargetRef: { kind: 'Deployment', name: 'web' }, maxReplicas: 5,
        metrics: [{ type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } }],
        behavior: { scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }] } },
      },
    } as unknown as KubeObject);
    expect(shown.metadata.annotations).toEqual({
      'autoscaling.alpha.kubernetes.io/metrics': '[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"10"}}]',
      'autoscaling.alpha.kubernetes.io/behavior': '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":15}],"Tolerance":null}}',
    });
  });
});
