import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../object.ts';
import { equalJson } from '../../json.ts';
import { applyServerSide, trackUpdate } from './apply.ts';
import { DEDUCED } from './type.ts';
import type { ApplyType } from './type.ts';

const DEPLOYMENT = 'apps/v1.Deployment';
const T1 = '2025-01-01T00:00:01Z';
const T2 = '2025-01-01T00:00:02Z';

type Live = KubeObject | undefined;
const identity = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };
const pod = (spec: object, metadata: object = {}) => ({ ...identity, metadata: { name: 'p', ...metadata }, spec });
const apply = (live: Live, manager: string, applied: object, options: { force?: boolean; now?: string; type?: string | ApplyType; apiVersion?: string; subresource?: string; reset?: string[] } = {}) =>
  applyServerSide({ messageId: options.type ?? 'core/v1.Pod', live, applied, manager, force: options.force ?? false, apiVersion: options.apiVersion ?? 'v1', now: options.now ?? T1, subresource: options.subresource, reset: options.reset });
const update = (live: Live, manager: string, next: object, options: { now?: string; subresource?: string; reset?: string[]; type?: string; apiVersion?: string } = {}) =>
  trackUpdate({ messageId: options.type ?? 'core/v1.Pod', live, next: next as KubeObject, manager, operation: 'Update', apiVersion: options.apiVersion ?? 'v1', now: options.now ?? T1, subresource: options.subresource, reset: options.reset });
const spec = (object: KubeObject) => (object as unknown as { spec: unknown }).spec;
const owners = (object: KubeObject) => Object.fromEntries((object.metadata.managedFields ?? []).map((e) => [`${e.manager}/${e.operation}${e.subresource ? `/${e.subresource}` : ''}`, e.fieldsV1]));
const conflict = (call: () => unknown): { message: string; causes: unknown } => {
  try {
    call();
  } catch (error) {
    const { status } = error as { status: { message: string; code: number; details: { causes: unknown } } };
    expect(status.code).toBe(409);
    return { message: status.message, causes: status.details.causes };
  }
  throw new Error('no conflict');
};
/** An existing object: it has a uid. */
const stored = (object: KubeObject): KubeObject => ({ ...object, metadata: { ...object.metadata, uid: 'u' } });

describe('the set of fields that an apply owns', () => {
  it.each<[string, object, object]>([
    ['scalars', { hostname: 'h' }, { 'f:spec': { 'f:hostname': {} } }],
    ['list elements by key', { containers: [{ name: 'a', image: 'i' }] }, { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } }],
    ['keys with defaults', { containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] },
      { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } } } } }],
    ['atomic lists', { tolerations: [{ key: 'a' }] }, { 'f:spec': { 'f:tolerations': {} } }],
    ['atomic maps', { nodeSelector: { a: 'b' } }, { 'f:spec': { 'f:nodeSelector': {} } }],
    ['empty maps', { securityContext: {} }, { 'f:spec': { 'f:securityContext': {} } }],
  ])('%s', (_, applied, fields) => expect(owners(apply(undefined, 'm', pod(applied)))).toEqual({ 'm/Apply': fields }));

  it('has sets by value and map keys by name', () => {
    expect(owners(apply(undefined, 'm', { ...identity, metadata: { name: 'p', finalizers: ['x'], labels: { a: 'b' } } }))).toEqual({ 'm/Apply': { 'f:metadata': { 'f:finalizers': { 'v:"x"': {} }, 'f:labels': { 'f:a': {} } } } });
  });
});

describe('several appliers', () => {
  const first = apply(undefined, 'one', pod({ hostname: 'h', containers: [{ name: 'a', image: '1' }] }));

  it('merge lists by key', () => {
    const both = apply(first, 'two', pod({ containers: [{ name: 'b', image: '2' }] }));
    expect(spec(both)).toEqual({ hostname: 'h', containers: [{ name: 'a', image: '1' }, { name: 'b', image: '2' }] });
    expect(Object.keys(owners(both))).toEqual(['one/Apply', 'two/Apply']);
  });

  it('conflict over a value', () => {
    expect(conflict(() => apply(first, 'two', pod({ hostname: 'x' })))).toEqual({
      message: 'Apply failed with 1 conflict: conflict with "one": .spec.hostname', causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.hostname' }],
    });
  });

  it('conflict over several values, in one message', () => {
    const { message, causes } = conflict(() => apply(first, 'two', pod({ hostname: 'x', containers: [{ name: 'a', image: '2' }] })));
    expect(message).toBe('Apply failed with 2 conflicts: conflicts with "one":\n- .spec.containers[name="a"].image\n- .spec.hostname');
    expect(causes).toHaveLength(2);
  });

  it('say which version and subresource an updater used', () => {
    const live = update(stored(first), 'kubectl-edit', pod({ hostname: 'y', containers: [{ name: 'a', image: '1' }] }), { subresource: 'status' });
    expect(conflict(() => apply(live, 'one', pod({ hostname: 'h' }))).message).toBe('Apply failed with 1 conflict: conflict with "kubectl-edit" with subresource "status" using v1: .spec.hostname');
  });

  it('take over when forced', () => {
    const forced = apply(first, 'two', pod({ hostname: 'x' }), { force: true });
    expect(spec(forced)).toMatchObject({ hostname: 'x' });
    expect(owners(forced)['two/Apply']).toEqual({ 'f:spec': { 'f:hostname': {} } });
    expect(JSON.stringify(owners(forced)['one/Apply'])).not.toContain('hostname');
  });

  it('share what they agree on, and the last one to leave removes it', () => {
    const shared = apply(first, 'two', pod({ hostname: 'h' }));
    const oneLeft = apply(shared, 'one', pod({ containers: [{ name: 'a', image: '1' }] }));
    expect(spec(oneLeft)).toMatchObject({ hostname: 'h' });
    expect(spec(apply(oneLeft, 'two', { ...identity }))).toEqual({ containers: [{ name: 'a', image: '1' }] });
  });

  it('keep their element while another owns a part of it', () => {
    const both = apply(first, 'two', pod({ containers: [{ name: 'a', workingDir: '/' }] }));
    expect(spec(apply(both, 'one', pod({ hostname: 'h' })))).toEqual({ hostname: 'h', containers: [{ name: 'a', workingDir: '/' }] });
  });

  it('replace atomics as a whole', () => {
    const live = apply(undefined, 'one', pod({ tolerations: [{ key: 'a' }] }));
    expect(conflict(() => apply(live, 'two', pod({ tolerations: [{ key: 'b' }] }))).message).toContain('.spec.tolerations');
    expect(spec(apply(live, 'one', pod({ tolerations: [{ key: 'b' }] })))).toEqual({ tolerations: [{ key: 'b' }] });
  });
});

describe('one applier', () => {
  it('removes what it no longer names', () => {
    const live = apply(undefined, 'm', pod({ hostname: 'h', containers: [{ name: 'a', image: '1', env: [{ name: 'X', value: '1' }, { name: 'Y', value: '2' }] }, { name: 'b', image: '1' }] }));
    expect(spec(apply(live, 'm', pod({ containers: [{ name: 'a', image: '1', env: [{ name: 'Y', value: '2' }] }] })))).toEqual({ containers: [{ name: 'a', image: '1', env: [{ name: 'Y', value: '2' }] }] });
  });

  it('leaves defaults that nobody owns', () => {
    const live = apply(undefined, 'm', pod({ containers: [{ name: 'a', image: '1' }] }));
    const defaulted = { ...live, spec: { restartPolicy: 'Always', containers: [{ name: 'a', image: '1', imagePullPolicy: 'IfNotPresent' }] } } as unknown as KubeObject;
    expect(spec(apply(defaulted, 'm', pod({ containers: [{ name: 'a', image: '2' }] })))).toEqual({ restartPolicy: 'Always', containers: [{ name: 'a', image: '2', imagePullPolicy: 'IfNotPresent' }] });
  });

  it('matches elements by defaulted keys', () => {
    const live = apply(undefined, 'm', pod({ containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] }));
    const defaulted = { ...live, spec: { containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 80, protocol: 'UDP' }] }] } } as unknown as KubeObject;
    expect(spec(apply(defaulted, 'm', pod({ containers: [{ name: 'a', ports: [{ containerPort: 80, name: 'web' }] }] })))).toEqual({ containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'TCP', name: 'web' }, { containerPort: 80, protocol: 'UDP' }] }] });
  });

  it('changes nothing, not even the time, with the same configuration', () => {
    const once = apply(undefined, 'm', pod({ hostname: 'h' }));
    expect(apply(once, 'm', pod({ hostname: 'h' }), { now: T2 })).toEqual(once);
    expect(apply(once, 'm', pod({ hostname: 'i' }), { now: T2 }).metadata.managedFields?.[0]?.time).toBe(T2);
  });

  it('changes nothing when a quantity is only written otherwise', () => {
    const limited = (cpu: string) => pod({ containers: [{ name: 'a', resources: { limits: { cpu } } }] });
    const once = apply(undefined, 'm', limited('1'));
    expect(apply(once, 'm', limited('1000m'), { now: T2 })).toEqual(once);
    expect(spec(apply(once, 'm', limited('2'), { now: T2 }))).toEqual(limited('2').spec);
  });

  it('orders shared elements as it names them, others by their neighbours', () => {
    const live = update(undefined, 'u', pod({ containers: ['a', 'x', 'b', 'c'].map((name) => ({ name })) }));
    const names = (object: KubeObject) => (spec(object) as { containers: { name: string }[] }).containers.map((c) => c.name).join('');
    expect(names(apply(live, 'm', pod({ containers: ['c', 'a', 'n'].map((name) => ({ name })) })))).toBe('xbcan');
    expect(names(apply(live, 'm', pod({ containers: ['a', 'c'].map((name) => ({ name })) })))).toBe('axbc');
  });

  it.each<[string, object, object, string]>([
    ['a wrong version', { ...identity, apiVersion: 'v2' }, { code: 400 }, 'Incorrect version specified in apply patch. Specified patch version: v2, expected: v1'],
    ['managedFields', { ...identity, metadata: { name: 'p', managedFields: [] } }, { code: 400 }, 'metadata.managedFields must be nil'],
    ['an unknown field', pod({ foo: 1 }), { code: 500 }, 'failed to create typed patch object (/p; /v1, Kind=Pod): .spec.foo: field not declared in schema'],
    ['the same key twice', pod({ containers: [{ name: 'a' }, { name: 'a' }] }), { code: 500 }, 'failed to create typed patch object (/p; /v1, Kind=Pod): .spec.containers: duplicate entries for key [name="a"]'],
    ['a missing key', pod({ containers: [{ image: 'x' }] }), { code: 500 }, `.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)`],
  ])('refuses %s', (_, applied, error, message) => {
    expect(() => apply(undefined, 'm', applied)).toThrow(message);
    expect(() => apply(undefined, 'm', applied)).toThrow(expect.objectContaining(error) as Error);
  });
});

describe('updates', () => {
  it('own what they set, with the maps and elements around it, but not the structs that are always there', () => {
    const live = update(undefined, 'kubectl-create', pod({ containers: [{ name: 'a', image: '1' }] }, { labels: { a: 'b' } }));
    expect(owners(live)).toEqual({ 'kubectl-create/Update': { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } }, 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } } });
  });

  it('take changed fields from others', () => {
    const live = stored(apply(undefined, 'one', pod({ hostname: 'h', subdomain: 's' })));
    const next = update(live, 'edit', pod({ hostname: 'x', subdomain: 's' }, { uid: 'u' }), { now: T2 });
    expect(owners(next)).toEqual({ 'one/Apply': { 'f:spec': { 'f:subdomain': {} } }, 'edit/Update': { 'f:spec': { 'f:hostname': {} } } });
  });

  it('let owners lose what is gone', () => {
    const live = stored(apply(undefined, 'one', pod({ hostname: 'h' })));
    expect(owners(update(live, 'edit', pod({}, { uid: 'u' })))).toEqual({});
  });

  it('change nothing when nothing changes', () => {
    const live = stored(update(undefined, 'm', pod({ hostname: 'h' })));
    const { managedFields: _, ...metadata } = live.metadata;
    expect(update(live, 'm', { ...live, metadata }, { now: T2 })).toEqual(live);
  });

  it('are not tracked for objects that never were', () => {
    expect(update(stored(identity), 'm', pod({ hostname: 'h' }, { uid: 'u' })).metadata.managedFields).toBeUndefined();
  });

  it('throw owners away for `managedFields: [{}]`', () => {
    const live = stored(apply(undefined, 'one', pod({ hostname: 'h' })));
    expect(update(live, 'm', { ...live, metadata: { ...live.metadata, managedFields: [{}] } }).metadata.managedFields).toBeUndefined();
  });

  it('take the owners that are sent, unless they are nonsense', () => {
    const live = stored(apply(undefined, 'one', pod({ hostname: 'h' })));
    const sent = [{ ...live.metadata.managedFields![0]!, manager: 'renamed' }];
    expect(Object.keys(owners(update(live, 'm', { ...live, metadata: { ...live.metadata, managedFields: sent } })))).toEqual(['renamed/Apply']);
    for (const bad of [{ 'x:a': {} }, { 'f:a': 1 }, { 'k:{': {} }]) {
      const entries = [{ ...sent[0]!, fieldsV1: bad }];
      expect(Object.keys(owners(update(live, 'm', { ...live, metadata: { ...live.metadata, managedFields: entries } })))).toEqual(['one/Apply']);
    }
  });

  it('never own what the request cannot change', () => {
    const live = update(undefined, 'm', { ...pod({ hostname: 'h' }), status: { phase: 'Pending' } }, { reset: ['status'] });
    expect(JSON.stringify(owners(live))).not.toContain('status');
  });

  it('keep subresources apart', () => {
    const live = stored(update(undefined, 'm', pod({ hostname: 'h' })));
    const next = update(live, 'm', { ...live, status: { phase: 'Running' } }, { subresource: 'status', reset: ['spec'] });
    expect(owners(next)['m/Update/status']).toEqual({ 'f:status': { '.': {}, 'f:phase': {} } });
  });

  it('are at most ten; the oldest become ancient-changes', () => {
    let live = stored(update(undefined, 'm0', pod({}, { labels: { l0: '' } })));
    const labels: Record<string, string> = { l0: '' };
    for (let i = 1; i <= 14; i++) {
      labels[`l${i}`] = '';
      const { managedFields: _, ...metadata } = live.metadata;
      live = update(live, `m${i}`, { ...live, metadata: { ...metadata, labels: { ...labels } } }, { now: `2025-01-01T00:00:${String(i + 10)}Z` });
    }
    const names = Object.keys(owners(live));
    expect(names).toHaveLength(10);
    expect(names[0]).toBe('ancient-changes/Update');
    expect(Object.keys((owners(live)['ancient-changes/Update'] as Record<string, Record<string, object>>)['f:metadata']!['f:labels']!)).toEqual(expect.arrayContaining(['f:l0', 'f:l5']));
  });
});

describe('objects from before', () => {
  it('belong to before-first-apply', () => {
    const live = stored(pod({ hostname: 'h' }) as KubeObject);
    expect(conflict(() => apply(live, 'm', pod({ hostname: 'x' }))).message).toBe('Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .spec.hostname');
    expect(Object.keys(owners(apply(live, 'm', pod({ hostname: 'h' }))))).toEqual(['m/Apply', 'before-first-apply/Update']);
  });

  it('that kubectl applied on its side, kubectl may take over, and the record follows', () => {
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
    const live = stored(update(undefined, 'kubectl-client-side-apply', pod({ hostname: 'h' }, { annotations: { [annotation]: JSON.stringify(pod({ hostname: 'h' })) } })));
    const next = apply(live, 'kubectl', pod({ hostname: 'x' }));
    expect(spec(next)).toEqual({ hostname: 'x' });
    expect(JSON.parse(next.metadata.annotations![annotation]!)).toEqual(pod({ hostname: 'x' }));
    expect(() => apply(live, 'other', pod({ hostname: 'x' }))).toThrow('conflict');
    const changed = update(live, 'edit', { ...live, spec: { hostname: 'y' } });
    expect(() => apply(changed, 'kubectl', pod({ hostname: 'x' }))).toThrow('conflict with "edit"');
  });
});

describe('objects of no known type', () => {
  it('are taken apart by their maps; lists are atomic', () => {
    const widget = (spec: object) => ({ apiVersion: 'e.com/v1', kind: 'W', metadata: { name: 'w' }, spec });
    const live = apply(undefined, 'one', widget({ a: { b: 1 }, l: [1, 2] }), { type: DEDUCED, apiVersion: 'e.com/v1' });
    expect(owners(live)['one/Apply']).toMatchObject({ 'f:spec': { 'f:a': { '.': {}, 'f:b': {} }, 'f:l': {} } });
    expect(spec(apply(live, 'two', widget({ a: { c: 2 } }), { type: DEDUCED, apiVersion: 'e.com/v1' }))).toEqual({ a: { b: 1, c: 2 }, l: [1, 2] });
    expect(conflict(() => apply(live, 'two', widget({ l: [3] }), { type: DEDUCED, apiVersion: 'e.com/v1' })).message).toContain('.spec.l');
  });
});

describe('laws', () => {
  const container = fc.record({ name: fc.constantFrom('a', 'b', 'c'), image: fc.constantFrom('1', '2'), args: fc.array(fc.constantFrom('x', 'y'), { minLength: 1 }), env: fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B'), value: fc.constantFrom('1', '2') }), { selector: (e) => e.name }) }, { requiredKeys: ['name'] });
  const config = fc.record({ hostname: fc.constantFrom('h', 'i'), nodeSelector: fc.dictionary(fc.constantFrom('a', '__proto__', 'constructor'), fc.constantFrom('1')), containers: fc.uniqueArray(container, { selector: (c) => c.name }) }, { requiredKeys: [] })
    .map((value) => pod(JSON.parse(JSON.stringify(value)) as object));

  it('applying twice is applying once', () => fc.assert(fc.property(config, config, (a, b) => {
    const live = apply(apply(undefined, 'one', a), 'two', b, { force: true });
    expect(apply(live, 'two', b, { now: T2 })).toEqual(live);
  })));

  it('what is applied is there', () => fc.assert(fc.property(config, config, (a, b) => {
    const live = apply(apply(undefined, 'one', a), 'two', b, { force: true });
    expect(spec(live)).toMatchObject(equalJson(b.spec, {}) ? {} : { ...('hostname' in b.spec && { hostname: (b.spec as { hostname: string }).hostname }) });
    expect(spec(apply(live, 'two', b, { force: true }))).toEqual(spec(live));
  })));

  it('one applier alone gets what it asked for, whatever it asked for before', () => fc.assert(fc.property(config, config, (a, b) => {
    const clean = (object: KubeObject) => JSON.parse(JSON.stringify(spec(object) ?? {})) as { containers?: unknown[] };
    const containers = clean(apply(apply(undefined, 'm', a), 'm', b)).containers ?? [];
    const wanted = (b.spec as { containers?: unknown[] }).containers ?? [];
    expect(containers.length).toBe(wanted.length);
  })));

  it('no argument changes, and no prototype', () => fc.assert(fc.property(config, config, (a, b) => {
    const live = apply(undefined, 'one', a);
    const before = JSON.stringify([live, b]);
    const merged = apply(live, 'two', b, { force: true });
    update(stored(live), 'three', merged);
    expect(JSON.stringify([live, b])).toBe(before);
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
    expect(Object.getPrototypeOf(spec(merged) ?? {})).toBe(Object.prototype);
  })));
});

it('is fast enough for every write', () => {
  const deployment = {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', labels: { a: 'b', c: 'd' } },
    spec: {
      replicas: 1, selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: ['x', 'y'].map((name) => ({ name, image: 'i', env: Array.from({ length: 10 }, (_, i) => ({ name: `E${i}`, value: 'v' })), ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } })) } },
    },
  };
  const live = { ...update(undefined, 'm', deployment, { type: DEPLOYMENT, apiVersion: 'apps/v1' }) };
  live.metadata = { ...live.metadata, uid: 'u' };
  const next = { ...live, spec: { ...deployment.spec, replicas: 2 } };
  const run = (n: number) => {
    // Processor time: what else the machine does must not matter.
    const start = process.cpuUsage();
    for (let i = 0; i < n; i++) update(live, 'scaler', next, { type: DEPLOYMENT, apiVersion: 'apps/v1' });
    return process.cpuUsage(start).user / 1000 / n;
  };
  run(300);
  expect(run(300)).toBeLessThan(1);
});

it('writes the fields of an owner in upstream\'s order', () => {
  const made = apply(undefined, 'm', pod({ containers: [{ name: 'b', image: 'i', ports: [{ containerPort: 8080 }, { containerPort: 90 }] }, { name: 'a', image: 'i' }] }, { finalizers: ['z/z', 'a/a'], labels: { b: '', a: '' } }));
  expect(JSON.stringify(made.metadata.managedFields![0]!.fieldsV1)).toBe(JSON.stringify({
    'f:metadata': { 'f:finalizers': { 'v:"a/a"': {}, 'v:"z/z"': {} }, 'f:labels': { 'f:a': {}, 'f:b': {} } },
    'f:spec': { 'f:containers': {
      'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:name': {} },
      'k:{"name":"b"}': { '.': {}, 'f:image': {}, 'f:name': {}, 'f:ports': { 'k:{"containerPort":90,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} }, 'k:{"containerPort":8080,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } } },
    } },
  }));
});
