import { beforeEach, describe, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { StatusError } from '../api/errors.ts';
import { Deployments } from '../api/kinds/apps/deployment.ts';
import { CertificateSigningRequests } from '../api/kinds/certificates/certificate-signing-request.ts';
import { Namespaces } from '../api/kinds/core/namespace.ts';
import { Pods } from '../api/kinds/core/pod.ts';
import { ServiceAccounts } from '../api/kinds/core/service-account.ts';
import { PodDisruptionBudgets } from '../api/kinds/policy/pod-disruption-budget.ts';
import type { KubeObject, ResourceType } from '../api/object.ts';
import type { TokenRequest } from '../api/types/authentication.v1.ts';
import type { Scale } from '../api/types/autoscaling.v1.ts';
import type { Pod } from '../api/types/core.v1.ts';
import type { PodDisruptionBudget } from '../api/types/policy.v1.ts';
import type { Client } from '../client/client.ts';
import { memoryStore } from '../store/index.ts';
import { createApiServer, type ApiServer } from './index.ts';
import { disrupt } from './subresources/eviction.ts';

let clock: VirtualClock;
let server: ApiServer;
let client: Client;
beforeEach(async () => {
  clock = virtualClock();
  server = await createApiServer({ store: memoryStore(), clock, random: seededRandom(1), admission: [] });
  client = server.client();
});

const at = { namespace: 'default' };
const pod = (name: string, labels = {}): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels, ...at }, spec: { containers: [{ name: 'c', image: 'i' }] } }) as Pod;
const sub = <T extends KubeObject>(type: ResourceType, name: string, subresource: string, body: object) => client.create(type as ResourceType<T>, body as T, { ...at, name, subresource });

describe('scale', () => {
  const labels = { app: 'web' };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...at }, spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } } } };
  const scales = Deployments as unknown as ResourceType<Scale>;

  it('shows and changes replicas, and counts a generation', async () => {
    await client.create(Deployments, deployment as never);
    const scale = await client.get(scales, 'web', { ...at, subresource: 'scale' });
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 }, status: { replicas: 0, selector: 'app=web' } });
    expect((await client.update(scales, { ...scale, spec: { replicas: 4 } }, { subresource: 'scale' })).spec).toEqual({ replicas: 4 });
    const nonsense = { type: 'json', operations: [{ op: 'add', path: '', value: 1.5 }] } as const;
    await expect(client.patch(scales, 'web', nonsense, { ...at, subresource: 'scale' })).rejects.toThrow('the patched object is not an object');
    await client.patch(scales, 'web', { type: 'merge', body: { spec: { replicas: 6 } } }, { ...at, subresource: 'scale' });
    const changed = await client.get(Deployments, 'web', at);
    expect([changed.spec?.replicas, changed.metadata.generation]).toEqual([6, 3]);
    await expect(client.update(scales, { ...scale, spec: { replicas: 4 } }, { subresource: 'scale' })).rejects.toMatchObject({ code: 409 });
    await expect(client.patch(scales, 'web', { type: 'merge', body: { spec: { replicas: -1 } } }, { ...at, subresource: 'scale' })).rejects.toMatchObject({ code: 422 });
  });

  it('applies among the owners of the replicas alone', async () => {
    const owners = async () => Object.fromEntries((await client.get(Deployments, 'web', at)).metadata.managedFields!.map((e) => [`${e.manager}/${e.operation}/${e.subresource ?? ''}`, Object.keys((e.fieldsV1 as { 'f:spec'?: object })['f:spec'] ?? {}).sort()]));
    const applyScale = (manager: string, replicas: number, force = false) =>
      client.patch(scales, 'web', { type: 'apply', body: { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'web' }, spec: { replicas } } }, { ...at, subresource: 'scale', fieldManager: manager, force });
    await client.patch(Deployments, 'web', { type: 'apply', body: deployment }, { ...at, fieldManager: 'alice' });
    await expect(applyScale('bob', 3)).rejects.toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "alice": .spec.replicas' });
    expect((await applyScale('alice', 1)).spec).toEqual({ replicas: 1 });
    expect((await applyScale('bob', 3, true)).spec).toEqual({ replicas: 3 });
    expect(await owners()).toEqual({ 'alice/Apply/': ['f:selector', 'f:template'], 'bob/Apply/scale': ['f:replicas'] });
    await client.patch(scales, 'web', { type: 'merge', body: { spec: { replicas: 5 } } }, { ...at, subresource: 'scale', fieldManager: 'carl' });
    await expect(applyScale('bob', 7)).rejects.toMatchObject({ code: 409, message: 'Apply failed with 1 conflict: conflict with "carl" with subresource "scale" using autoscaling/v1: .spec.replicas' });
    await applyScale('bob', 5);
    expect(await owners()).toMatchObject({ 'bob/Apply/scale': ['f:replicas'], 'carl/Update/scale': ['f:replicas'] });
    await expect(client.patch(scales, 'web', { type: 'apply', body: { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { foo: 1 } } }, { ...at, subresource: 'scale', fieldManager: 'bob' })).rejects.toThrow('.spec.foo: field not declared in schema');
  });
});

describe('binding', () => {
  it('puts a pod on a node, once', async () => {
    await client.create(Pods, pod('p'));
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } };
    await sub(Pods, 'p', 'binding', binding);
    const bound = await client.get(Pods, 'p', at);
    expect(bound.spec.nodeName).toBe('n1');
    expect(bound.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    await expect(sub(Pods, 'p', 'binding', binding)).rejects.toMatchObject({ code: 409, message: 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n1"' });
  });
});

describe('eviction', () => {
  const budget = (status: object): PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', generation: 1, ...at }, spec: { selector: { matchLabels: { app: 'a' } } }, status }) as PodDisruptionBudget;
  const cases: [what: string, status: object, outcome: string | number][] = [
    ['one is left', { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1 }, 0],
    ['several are left', { observedGeneration: 1, disruptionsAllowed: 3, currentHealthy: 4, desiredHealthy: 1 }, 2],
    ['none is left', { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 2 }, 'The disruption budget b needs 2 healthy pods and has 1 currently'],
    ['the budget was just changed', { observedGeneration: 0, disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 0 }, 'The disruption budget b is still being processed by the server.'],
  ];
  it.each(cases)('when %s', (_what, status, outcome) => {
    const result = disrupt(budget(status), 'p', '2025-01-01T00:00:00Z');
    if (result instanceof StatusError) {
      expect(result).toMatchObject({ code: 429, message: "Cannot evict pod as it would violate the pod's disruption budget." });
      expect(result.status.details?.causes).toEqual([{ reason: 'DisruptionBudget', message: outcome }]);
    } else expect([result.status?.disruptionsAllowed, result.status?.disruptedPods]).toEqual([outcome, { p: '2025-01-01T00:00:00Z' }]);
  });

  it('deletes the pod and charges the budget', async () => {
    await client.create(Pods, pod('p', { app: 'a' }));
    const running = await client.get(Pods, 'p', at);
    await client.update(Pods, { ...running, status: { ...running.status, phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } } as Pod, { subresource: 'status' });
    await client.create(PodDisruptionBudgets, { ...budget({}), spec: { minAvailable: 0, selector: { matchLabels: { app: 'a' } } } } as PodDisruptionBudget);
    const made = await client.get(PodDisruptionBudgets, 'b', at);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p', ...at } };
    await expect(sub(Pods, 'p', 'eviction', eviction)).rejects.toMatchObject({ code: 429 });
    await client.update(PodDisruptionBudgets, { ...made, status: { observedGeneration: made.metadata.generation ?? 0, disruptionsAllowed: 1, currentHealthy: 1, desiredHealthy: 0, expectedPods: 1 } } as PodDisruptionBudget, { subresource: 'status' });
    await sub(Pods, 'p', 'eviction', eviction);
    await expect(client.get(Pods, 'p', at)).rejects.toMatchObject({ code: 404 });
    expect((await client.get(PodDisruptionBudgets, 'b', at)).status?.disruptionsAllowed).toBe(0);
  });
});

describe('token', () => {
  it('is bound, expires, and ends with its account', async () => {
    await client.create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa', ...at } });
    const answer = await sub<TokenRequest>(ServiceAccounts, 'sa', 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { expirationSeconds: 600 } });
    const review = async () => JSON.parse((await client.raw({
      method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ metadata: {}, spec: { token: answer.status!.token } }),
    })).body.toString()) as { status: { authenticated?: boolean; user: { username?: string }; error?: string } };
    expect((await review()).status).toMatchObject({ authenticated: true, user: { username: 'system:serviceaccount:default:sa' } });
    await clock.advance(601_000);
    expect((await review()).status).toMatchObject({ user: {}, error: 'service account token has expired' });
    await expect(sub(ServiceAccounts, 'sa', 'token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { expirationSeconds: 10 } })).rejects.toMatchObject({ code: 422 });
  });
});

describe('resize', () => {
  const size = (cpu: string) => ({ requests: { cpu }, limits: { cpu: '2' } });
  const reorder = (to: string) => `spec.containers[${to}].name: Forbidden: containers may not be renamed or reordered on resize`;
  it.each([
    ['a container that is named', [{ name: 'b', resources: size('200m') }], undefined],
    ['both in another order', [{ name: 'b', resources: size('200m') }, { name: 'a', resources: size('200m') }], `${reorder('0')}, ${reorder('1')}`],
    ['one more', [{ name: 'c', image: 'i', resources: size('200m') }], 'spec.containers: Forbidden: containers may not be added or removed on resize'],
    ['one less', [{ name: 'b', $patch: 'delete' }], 'spec.containers: Forbidden: containers may not be added or removed on resize'],
    ['no resources any more', [{ name: 'a', resources: null }], 'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed'],
    // What else there is in it is not looked at.
    ['another image', [{ name: 'a', image: 'j', resources: size('200m') }], undefined],
  ])('%s', async (_what, containers, complaint) => {
    await client.create(Pods, { ...pod('p'), spec: { containers: ['a', 'b'].map((name) => ({ name, image: 'i', resources: size('100m') })) } });
    const change = client.patch(Pods, 'p', { type: 'strategic', body: { spec: { containers } } }, { ...at, subresource: 'resize' });
    if (complaint !== undefined) return expect(change).rejects.toThrow(complaint);
    const { spec } = await change;
    expect(spec.containers.map(({ name, image }) => [name, image])).toEqual([['a', 'i'], ['b', 'i']]);
    expect(spec.containers.map((c) => c.resources?.requests?.cpu).sort()).toEqual(['100m', '200m']);
  });
});

describe('the rest', () => {
  it('finalize lets a namespace go', async () => {
    const made = await client.create(Namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' }, spec: {} });
    expect(made.spec.finalizers).toEqual(['kubernetes']);
    const ending = (await client.delete(Namespaces, 'x')) as typeof made;
    expect(ending.status?.phase).toBe('Terminating');
    await client.update(Namespaces, { ...ending, spec: {} }, { subresource: 'finalize' });
    await expect(client.get(Namespaces, 'x')).rejects.toMatchObject({ code: 404 });
  });

  it('approval changes conditions only, and stamps them', async () => {
    const made = await client.create(CertificateSigningRequests, { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'c' }, spec: { request: Buffer.from(CSR).toString('base64'), signerName: 'example.com/x', usages: ['client auth'] } } as never);
    const approved = await client.update(CertificateSigningRequests, { ...made, metadata: { ...made.metadata, annotations: { why: 'known' } }, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'R', message: 'm' }] } } as never, { subresource: 'approval' });
    expect(approved).toMatchObject({ metadata: { annotations: { why: 'known' } }, status: { conditions: [{ type: 'Approved', lastUpdateTime: '2025-01-01T00:00:00Z' }] } });
    const failed = await client.update(CertificateSigningRequests, { ...approved, status: { conditions: [...approved.status!.conditions!, { type: 'Failed', status: 'True' }] } } as never, { subresource: 'status' });
    expect(failed.status?.conditions?.[1]).toMatchObject({ type: 'Failed', lastTransitionTime: '2025-01-01T00:00:00Z' });
  });

  it('pods with grace wait for their kubelet', async () => {
    await client.create(Pods, pod('p'));
    await sub(Pods, 'p', 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { name: 'n1' } });
    const marked = (await client.delete(Pods, 'p', at)) as Pod;
    expect([marked.metadata.deletionGracePeriodSeconds, marked.metadata.deletionTimestamp]).toEqual([30, '2025-01-01T00:00:30Z']);
    const sooner = (await client.delete(Pods, 'p', { ...at, gracePeriodSeconds: 5 })) as Pod;
    expect(sooner.metadata.deletionTimestamp).toBe('2025-01-01T00:00:05Z');
    expect(await client.delete(Pods, 'p', { ...at, gracePeriodSeconds: 0 })).toMatchObject({ kind: 'Pod', metadata: { name: 'p', deletionTimestamp: '2025-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, generation: 2 } });
    await expect(client.get(Pods, 'p', at)).rejects.toMatchObject({ reason: 'NotFound' });
  });

  it('a pod that goes at once is shown with the mark that it went by', async () => {
    await client.create(Pods, pod('q'));
    expect(await client.delete(Pods, 'q', at)).toMatchObject({ metadata: { name: 'q', deletionTimestamp: '2025-01-01T00:00:00Z', deletionGracePeriodSeconds: 0, generation: 2 } });
  });
});

const CSR = `-----BEGIN CERTIFICATE REQUEST-----
MIHLMHMCAQAwETEPMA0GA1UEAwwGdGVzdGVyMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEnDVkHZ1Cz6Hk2WmTq0dDJfdmBqs7h6rZlUEnZ1o3qxUoMZ9Tz5xXk0wA
oK1VQbJ2N4pJg5c0lqCkSgQ4mW8S4qAAMAoGCCqGSM49BAMCA0gAMEUCIQC0zzzz
-----END CERTIFICATE REQUEST-----
`;
