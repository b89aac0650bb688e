import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterRoles } from '../api/kinds/rbac/cluster-role.ts';
import { RoleBindings } from '../api/kinds/rbac/role-binding.ts';
import { Roles } from '../api/kinds/rbac/role.ts';
import { ConfigMaps } from '../api/kinds/core/config-map.ts';
import { ServiceAccounts } from '../api/kinds/core/service-account.ts';
import type { PolicyRule } from '../api/types/rbac.v1.ts';
import { virtualClock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { memoryStore } from '../store/index.ts';
import { parseTokenFile } from './authn/authenticate.ts';
import type { Attributes } from './authz/attributes.ts';
import { ruleAllows, uncovered } from './authz/rules.ts';
import { createApiServer } from './index.ts';
import { fairQueue } from './overload.ts';
import { serve, type Served } from './testing.suite.ts';

const bob = { name: 'bob', groups: ['devs', 'system:authenticated'] };
const asked = (change: Partial<Attributes>): Attributes => ({ user: bob, verb: 'get', isResource: true, group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'default', name: 'p', path: '', ...change });

describe('rules', () => {
  const cases: [rule: PolicyRule, asked: Attributes, allowed: boolean][] = [
    [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }, asked({}), true],
    [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }, asked({ subresource: 'log' }), false],
    [{ verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }, asked({ subresource: 'log' }), true],
    [{ verbs: ['get'], apiGroups: [''], resources: ['*/log'] }, asked({ subresource: 'log' }), true],
    [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, asked({ verb: 'x', group: 'g' }), true],
    [{ verbs: ['get'], apiGroups: ['apps'], resources: ['pods'] }, asked({}), false],
    [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['q'] }, asked({}), false],
    [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], resourceNames: ['p'] }, asked({ verb: 'list', name: '' }), false],
    [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }, asked({ isResource: false, path: '/healthz' }), true],
    [{ verbs: ['get'], nonResourceURLs: ['/apis/*'] }, asked({ isResource: false, path: '/apis/apps' }), true],
    [{ verbs: ['get'], nonResourceURLs: ['/apis/*'] }, asked({}), false],
  ];
  it.each(cases)('%j', (rule, question, allowed) => expect(ruleAllows(rule, question)).toBe(allowed));

  it('finds what is not covered', () => {
    const held: PolicyRule[] = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods', '*/scale'] }];
    expect(uncovered(held, [{ verbs: ['get'], apiGroups: [''], resources: ['pods', 'x/scale'] }])).toEqual([]);
    expect(uncovered(held, [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods'] }])).toEqual([{ verbs: ['delete'], apiGroups: [''], resources: ['pods'] }]);
  });
});

describe('RBAC', () => {
  const make = async () => createApiServer({ store: memoryStore(), clock: virtualClock(), random: seededRandom(1), admission: [] });
  const roleBinding = (role: string, kind = 'ClusterRole') => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: `of-${role}`, namespace: 'default' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: role }, subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }] });

  it('allows what a role in the namespace allows, at once', async () => {
    const server = await make();
    const client = server.client(bob);
    await expect(client.list(ConfigMaps, { namespace: 'default' })).rejects.toMatchObject({ code: 403, message: 'configmaps is forbidden: User "bob" cannot list resource "configmaps" in API group "" in the namespace "default"' });
    await server.client().create(RoleBindings, roleBinding('edit'));
    expect((await client.list(ConfigMaps, { namespace: 'default' })).items).toEqual([]);
    await expect(client.list(ConfigMaps)).rejects.toMatchObject({ code: 403 });
    await expect(client.list(ConfigMaps, { namespace: 'kube-system' })).rejects.toMatchObject({ code: 403 });
  });

  it('lets one be listed and watched that a rule names', async () => {
    const server = await make();
    await server.client().create(Roles, { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'one', namespace: 'default' }, rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs: ['list', 'watch'] }] });
    await server.client().create(RoleBindings, roleBinding('one', 'Role'));
    const client = server.client(bob);
    const list = (fieldSelector?: string) => client.list(ConfigMaps, { namespace: 'default', ...(fieldSelector && { fieldSelector }) });
    expect((await list('metadata.name=mine')).items).toEqual([]);
    expect(JSON.parse(String((await client.raw({ method: 'GET', path: '/api/v1/namespaces/default/configmaps?fieldSelector=metadata.name%3Dmine' })).body))).toMatchObject({ kind: 'ConfigMapList' });
    for (const selector of [undefined, 'metadata.name=other', 'metadata.name!=mine']) await expect(list(selector)).rejects.toMatchObject({ code: 403 });
  });

  it('aggregates roles by label', async () => {
    const server = await make();
    const { rules = [] } = await server.client().get(ClusterRoles, 'admin');
    expect(rules.some((rule) => rule.resources?.includes('rolebindings'))).toBe(true);
    expect(rules.some((rule) => rule.resources?.includes('configmaps') && rule.verbs.includes('get'))).toBe(true);
  });

  it('lets nobody grant what he does not hold', async () => {
    const server = await make();
    await server.client().create(RoleBindings, roleBinding('admin'));
    const client = server.client(bob);
    const role = (rule: PolicyRule) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r', namespace: 'default' }, rules: [rule] });
    await expect(client.create(Roles, role({ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }))).rejects.toMatchObject({
      code: 403, message: 'roles.rbac.authorization.k8s.io "r" is forbidden: user "bob" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}',
    });
    await client.create(Roles, role({ apiGroups: [''], resources: ['configmaps'], verbs: ['get'] }));
    await expect(client.create(RoleBindings, { ...roleBinding('cluster-admin'), metadata: { name: 'x', namespace: 'default' } })).rejects.toMatchObject({ code: 403 });
  });
});

describe('over HTTPS', () => {
  let api: Served;
  beforeAll(async () => {
    api = await serve({ admission: [], tokens: parseTokenFile('admin-token,boss,1,"system:masters,x"\nlow,bob,2') });
  });
  afterAll(() => api.close());
  const whoami = async (headers: Record<string, string>, anonymous = true) =>
    ((await api.ask('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { anonymous, headers, body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' })).json() as { status?: { userInfo?: unknown }; message?: string });

  it('knows certificates, static tokens and service accounts', async () => {
    expect(await whoami({}, false)).toMatchObject({ status: { userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] } } });
    expect(await whoami({ authorization: 'Bearer admin-token' })).toMatchObject({ status: { userInfo: { username: 'boss', uid: '1', groups: ['system:masters', 'x', 'system:authenticated'] } } });
    await api.server.client().create(ServiceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa', namespace: 'default' } });
    const made = (await api.ask('POST', '/api/v1/namespaces/default/serviceaccounts/sa/token', { body: '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}' })).json() as { status: { token: string } };
    expect(await whoami({ authorization: `Bearer ${made.status.token}` })).toMatchObject({ status: { userInfo: { username: 'system:serviceaccount:default:sa', groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] } } });
    expect((await api.ask('GET', '/openid/v1/jwks')).json()).toMatchObject({ keys: [{ kty: 'EC', alg: 'ES256', use: 'sig' }] });
  });

  it('lets those impersonate who may', async () => {
    expect(await whoami({ 'impersonate-user': 'eve', 'impersonate-group': 'g' }, false)).toMatchObject({ status: { userInfo: { username: 'eve', groups: ['g', 'system:authenticated'] } } });
    expect(await whoami({ authorization: 'Bearer low', 'impersonate-user': 'eve' })).toMatchObject({ message: 'users "eve" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope' });
  });

  it('refuses streams with a Status while there are no nodes', async () => {
    await api.ask('POST', '/api/v1/namespaces/default/pods', { body: JSON.stringify({ metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } }) });
    expect((await api.ask('GET', '/api/v1/namespaces/default/pods/p/log')).json()).toMatchObject({ code: 501, reason: 'NotImplemented' });
    expect((await api.ask('POST', '/api/v1/namespaces/default/pods/p/exec?command=x&stdout=1')).json()).toMatchObject({ code: 400, message: 'Upgrade request required' });
  });
});

describe('the fair queue', () => {
  it('gives users turns, and refuses who has too much waiting', async () => {
    const queue = fairQueue({ concurrency: 1, queueLength: 3 });
    const order: string[] = [];
    let open = () => {};
    const first = queue.run('a', () => new Promise<void>((resolve) => void (open = resolve)));
    const work = (user: string, n: number) => queue.run(user, async () => void order.push(`${user}${n}`));
    const all = [work('a', 1), work('a', 2), work('a', 3), work('b', 1)];
    await expect(work('a', 4)).rejects.toMatchObject({ code: 429, status: { details: { retryAfterSeconds: 1 } } });
    open();
    await Promise.all([first, ...all]);
    expect(order).toEqual(['a1', 'b1', 'a2', 'a3']);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });
});
