import { get } from 'node:https';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeProtobuf } from '../api/schema/protobuf.ts';
import { serve, type Served } from './testing.suite.ts';

let api: Served & { readonly defects: unknown[] };
beforeAll(async () => {
  api = await serve({ admission: [], tokens: [{ token: 'boss', user: 'boss', groups: ['system:masters'] }] });
  await api.ask('POST', '/api/v1/namespaces/default/configmaps', { body: JSON.stringify({ metadata: { name: 'cmx' }, data: { a: '1' } }) });
});
afterAll(async () => {
  expect(api.defects).toEqual([]);
  await api.close();
});

const maps = '/api/v1/namespaces/default/configmaps';

const strategic = { 'content-type': 'application/strategic-merge-patch+json' };

// Recorded from a kube-apiserver; the texts are what users see.
describe('errors', () => {
  const cases: [name: string, method: string, path: string, options: Parameters<Served['ask']>[2], code: number, reason: string, message: unknown][] = [
    ['a missing object', 'GET', '/api/v1/namespaces/nope', {}, 404, 'NotFound', 'namespaces "nope" not found'],
    ['an unknown resource', 'GET', '/api/v1/nope', {}, 404, 'NotFound', 'the server could not find the requested resource'],
    ['a field that cannot be selected', 'GET', '/api/v1/pods?fieldSelector=foo%3Dbar', {}, 400, 'BadRequest', 'field label not supported: foo'],
    ['a bad label selector', 'GET', '/api/v1/pods?labelSelector=%3D%3D', {}, 400, 'BadRequest', "found '==', expected: !, identifier, or 'end of string'"],
    ['a bad limit', 'GET', '/api/v1/pods?limit=x', {}, 400, 'BadRequest', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['a timeout that is none', 'GET', '/version?timeout=invalid', {}, 400, 'BadRequest', 'invalid timeout specified in the request URL - time: invalid duration "invalid"'],
    ['a bad continue token', 'GET', '/api/v1/configmaps?continue=bad', {}, 400, 'BadRequest', 'invalid continue token: continue key is not valid: invalid character \'m\' looking for beginning of value'],
    ['nobody known', 'GET', '/api/v1/pods', { anonymous: true }, 403, 'Forbidden', 'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope'],
    ['a token that does not hold', 'GET', '/api/v1/pods', { anonymous: true, headers: { authorization: 'Bearer nonsense' } }, 401, 'Unauthorized', 'Unauthorized'],
    ['an unknown content type', 'POST', maps, { body: 'x', headers: { 'content-type': 'text/plain' } }, 415, 'UnsupportedMediaType', 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
    ['broken JSON', 'POST', maps, { body: '{"a"' }, 400, 'BadRequest', 'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"a")'],
    ['another kind', 'POST', maps, { body: '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}' }, 400, 'BadRequest', 'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion'],
    ['a patch that is none', 'PATCH', `${maps}/cmx`, { body: '{}' }, 415, 'UnsupportedMediaType', '415: Unsupported Media Type'],
    ['a form that is not served', 'GET', maps, { headers: { accept: 'text/csv' } }, 406, 'NotAcceptable', '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
    ['a form of a form that is not served', 'GET', maps, { headers: { accept: 'application/json;as=Nope;v=v1;g=meta.k8s.io' } }, 406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
    ['a table of something unheard of', 'GET', `${maps}?includeObject=Nope`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }, 400, 'BadRequest', 'Unable to convert to Table as requested: includeObject: Invalid value: "Nope": must be \'Metadata\', \'Object\', \'None\', or empty'],
    ['a version that is not served', 'GET', '/apis/apps/v9/deployments', {}, 404, 'NotFound', 'the server could not find the requested resource'],
    ['a kind that is not known', 'POST', maps, { body: '{"apiVersion":"v2","kind":"ConfigMap"}' }, 400, 'BadRequest', 'ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"'],
    ['no JSON', 'POST', maps, { body: 'hello' }, 400, 'BadRequest', 'the object provided is unrecognized (must be of type ConfigMap): couldn\'t get version/kind; json parse error: invalid character \'h\' looking for beginning of value (68656c6c6f)'],
    ['no name', 'PUT', `${maps}/cmx`, { body: '{}' }, 400, 'BadRequest', 'the name of the object (cmx based on URL) was undeterminable: name must be provided'],
    ['apply of another kind', 'PATCH', `${maps}/cmx?fieldManager=m`, { body: '{"apiVersion":"v1","kind":"Secret"}', headers: { 'content-type': 'application/apply-patch+yaml' } }, 400, 'BadRequest', 'invalid object type: /v1, Kind=Secret'],
    ['a method that is not served', 'PUT', maps, { body: '{}' }, 405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource'],
    ['a stale version', 'PUT', `${maps}/cmx`, { body: '{"metadata":{"name":"cmx","resourceVersion":"1"}}' }, 409, 'Conflict', 'Operation cannot be fulfilled on configmaps "cmx": the object has been modified; please apply your changes to the latest version and try again'],
    ['a name that is taken', 'POST', maps, { body: '{"metadata":{"name":"cmx"}}' }, 409, 'AlreadyExists', 'configmaps "cmx" already exists'],
    ['apply without a manager', 'PATCH', `${maps}/cmx`, { body: '{"apiVersion":"v1","kind":"ConfigMap"}', headers: { 'content-type': 'application/apply-patch+yaml' } }, 422, 'Invalid', 'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch'],
    ['a misspelt field, strictly', 'POST', `${maps}?fieldValidation=Strict`, { body: '{"metadata":{"name":"y"},"dat":{}}' }, 400, 'BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "dat" (did you mean "data"?)'],
    ['a key twice, strictly', 'POST', `${maps}?fieldValidation=Strict`, { body: '{"metadata":{"name":"y"},"data":{"a":"1","a":"2"}}' }, 400, 'BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"'],
    ['both, in the order of the body', 'POST', `${maps}?fieldValidation=Strict`, { body: '{"metadata":{"name":"y"},"zzz":{},"data":{"a":"1","a":"2"}}' }, 400, 'BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "zzz", duplicate field "data.a"'],
    ['a key twice in YAML, strictly', 'POST', `${maps}?fieldValidation=Strict`, { body: 'metadata:\n  name: y\n  name: z\n', headers: { 'content-type': 'application/yaml' } }, 400, 'BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  line 3: key "name" already set in map'],
    ['a key twice in a merge patch, strictly', 'PATCH', `${maps}/cmx?fieldValidation=Strict`, { body: '{"data":{"a":"1","a":"2"}}', headers: { 'content-type': 'application/merge-patch+json' } }, 422, 'Invalid', expect.stringMatching(/: strict decoding error: duplicate field "data\.a"$/)],
    ['a key twice in an apply, strictly', 'PATCH', `${maps}/cmx?fieldManager=m&fieldValidation=Strict`, { body: 'apiVersion: v1\nkind: ConfigMap\ndata:\n  "foo": a\n  foo: b\n', headers: { 'content-type': 'application/apply-patch+yaml' } }, 400, 'BadRequest', 'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key "foo" already set in map'],
    ['apply of a field that is not known', 'PATCH', `${maps}/cmx?fieldManager=m`, { body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"cmx"},"dat":{}}', headers: { 'content-type': 'application/apply-patch+yaml' } }, 400, 'BadRequest', 'failed to create typed patch object (/cmx; /v1, Kind=ConfigMap): .dat: field not declared in schema'],
    ['a table of a review', 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { body: '{"spec":{"nonResourceAttributes":{"path":"/","verb":"get"}}}', headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } }, 406, 'NotAcceptable', 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf'],
    ['a field of events by its old name', 'GET', '/apis/events.k8s.io/v1/events?fieldSelector=reportingComponent%3Dx', {}, 400, 'BadRequest', 'field label not supported: reportingComponent'],
    ['an event of the old kind by the new API', 'POST', '/apis/events.k8s.io/v1/namespaces/default/events', { body: '{"metadata":{"name":"e"},"regarding":{"namespace":"default"},"deprecatedCount":1,"series":{"count":1}}' }, 422, 'Invalid',
      'Event.events.k8s.io "e" is invalid: [series.count: Invalid value: "": should be at least 2, series.lastObservedTime: Required value, eventTime: Required value, type: Invalid value: "": has invalid value: , count: Invalid value: "": needs to be unset]'],
    ['a value of the wrong type', 'POST', maps, { body: '{"metadata":{"name":"y"},"data":{"a":1}}' }, 400, 'BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string'],
    ['a strategic patch of the wrong type', 'PATCH', `${maps}/cmx`, { body: '{"data":{"a":1},"immutable":true}', headers: strategic }, 422, 'Invalid', ' "" is invalid: patch: Invalid value: "map[data:map[a:1] immutable:true]": cannot convert int64 to string'],
    ['a strategic patch with a string for a map', 'PATCH', `${maps}/cmx`, { body: '{"data":"x"}', headers: strategic }, 422, 'Invalid', ' "" is invalid: patch: Invalid value: "map[data:x]": cannot restore map from string'],
    ['a strategic patch of a field that is not known, strictly', 'PATCH', `${maps}/cmx?fieldValidation=Strict`, { body: '{"foo":1}', headers: strategic }, 422, 'Invalid', ' "" is invalid: patch: Invalid value: "map[foo:1]": strict decoding error: unknown field "foo"'],
    ['a patch that is no JSON', 'PATCH', `${maps}/cmx`, { body: '[', headers: strategic }, 400, 'BadRequest', 'unexpected end of JSON input'],
    ['a merge patch that is no JSON', 'PATCH', `${maps}/cmx`, { body: '[]', headers: { 'content-type': 'application/merge-patch+json' } }, 400, 'BadRequest', 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}'],
    ['apply of nothing', 'PATCH', `${maps}/cmx?fieldManager=m`, { body: '', headers: { 'content-type': 'application/apply-patch+yaml' } }, 400, 'BadRequest', 'invalid object type: /, Kind='],
    ['apply for an object that is gone', 'PATCH', `${maps}/gone?fieldManager=m`, { body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"uid":"zz"}}', headers: { 'content-type': 'application/apply-patch+yaml' } }, 409, 'Conflict', 'Operation cannot be fulfilled on configmaps "gone": uid mismatch: the provided object specified uid zz, and no existing object was found'],
    ['a delete of another object of the name', 'DELETE', `${maps}/cmx`, { body: '{"preconditions":{"resourceVersion":"1"}}' }, 409, 'Conflict', expect.stringMatching(/^Operation cannot be fulfilled on ConfigMap "cmx": the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\). The object might have been modified$/)],
    ['a policy that is none', 'DELETE', `${maps}/cmx`, { body: '{"propagationPolicy":"Nope"}' }, 422, 'Invalid', 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Nope": supported values: "Foreground", "Background", "Orphan", "nil"'],
    ['a bad version to list at', 'GET', `${maps}?resourceVersion=x`, {}, 400, 'BadRequest', 'invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'],
    ['a dry run that is none', 'POST', `${maps}?dryRun=Some`, { body: '{"metadata":{"name":"y"}}' }, 422, 'Invalid', 'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported values: "All"'],
    ['a body beyond the limit', 'POST', maps, { body: ' '.repeat(3 * 1024 * 1024 + 1) }, 413, 'RequestEntityTooLarge', 'Request entity too large: limit is 3145728'],
  ];
  it.each(cases)('%s', async (_name, method, path, options, code, reason, message) => {
    const answer = await api.ask(method, path, options);
    expect(answer.json()).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason, code });
    expect(answer.status).toBe(code);
  });

  it('asks for the version of what may not be overwritten unseen', async () => {
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases/held';
    await api.ask('PUT', leases, { body: '{"metadata":{"name":"held"}}' });
    const answer = await api.ask('PUT', leases, { body: '{"metadata":{"name":"held"}}' });
    expect(answer.json()).toMatchObject({ code: 422, reason: 'Invalid', message: 'leases.coordination.k8s.io "held" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update' });
  });

  it('answers plain text for a group that is not there', async () => {
    const answer = await api.ask('GET', '/apis/nope/v1');
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([404, '404 page not found\n', 'text/plain; charset=utf-8']);
  });

  it('lists every complaint about an object', async () => {
    const answer = await api.ask('POST', '/api/v1/namespaces/default/pods', { body: JSON.stringify({ metadata: { name: 'A_b' }, spec: { containers: [] } }) });
    expect(answer.status).toBe(422);
    expect(answer.json()['details']).toMatchObject({ name: 'A_b', kind: 'Pod', causes: [{ reason: 'FieldValueInvalid', field: 'metadata.name' }, { reason: 'FieldValueRequired', field: 'spec.containers', message: 'Required value' }] });
  });

  it('waits for a revision that has not happened, then says so', async () => {
    const answer = await api.ask('GET', '/api/v1/configmaps?resourceVersion=999999999');
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({ code: 504, reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 } });
  });

  it('tells a deleted object from one that only waits', async () => {
    await api.ask('POST', maps, { body: '{"metadata":{"name":"gone"}}' });
    expect((await api.ask('DELETE', `${maps}/gone`)).json()).toMatchObject({ status: 'Success', details: { name: 'gone', kind: 'configmaps' } });
  });
});

it('selects events by what each API calls their fields', async () => {
  const body = { metadata: { name: 'told' }, regarding: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'R', action: 'A', type: 'Normal', eventTime: '2024-01-01T00:00:00.000000Z', reportingController: 'a.b/c', reportingInstance: 'i' };
  await api.ask('POST', '/apis/events.k8s.io/v1/namespaces/default/events', { body: JSON.stringify(body) });
  const names = async (path: string) => ((await api.ask('GET', path)).json()['items'] as { metadata: { name: string } }[]).map((item) => item.metadata.name);
  expect(await names('/apis/events.k8s.io/v1/events?fieldSelector=reportingController%3Da.b%2Fc,regarding.name%3Dp')).toEqual(['told']);
  expect(await names('/api/v1/events?fieldSelector=reportingComponent%3Da.b%2Fc,involvedObject.name%3Dp')).toEqual(['told']);
  expect(await names('/apis/events.k8s.io/v1/events?fieldSelector=reportingController%3Dother')).toEqual([]);
  const changed = await api.ask('PATCH', '/apis/events.k8s.io/v1/namespaces/default/events/told', { body: '{"reason":"Other","series":{"count":2,"lastObservedTime":"2024-01-01T00:00:01.000000Z"}}', headers: { 'content-type': 'application/merge-patch+json' } });
  expect([changed.status, changed.json()['message']]).toEqual([422, 'Event.events.k8s.io "told" is invalid: reason: Invalid value: "Other": field is immutable']);
});

it('tells of what is stored which version that is', async () => {
  const hashes = async (path: string) => Object.fromEntries(((await api.ask('GET', path)).json()['resources'] as { name: string; storageVersionHash?: string }[]).map((line) => [line.name, line.storageVersionHash]));
  expect(await hashes('/api/v1')).toMatchObject({ pods: 'xPOwRZ+Yhw8=', 'pods/status': undefined, bindings: undefined, componentstatuses: undefined });
  expect(await hashes('/apis/events.k8s.io/v1')).toEqual({ events: 'r2yiGXH7wu8=' });
  expect((await hashes('/apis/autoscaling/v1'))['horizontalpodautoscalers']).toBe('qwQve8ut294=');
});

describe('forms', () => {
  it('answers tables', async () => {
    const answer = (await api.ask('GET', maps, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } })).json();
    expect(answer).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1', rows: [{ cells: ['cmx', 1, expect.any(String)], object: { kind: 'PartialObjectMetadata', metadata: { name: 'cmx' } } }] });
    expect((answer['columnDefinitions'] as { name: string }[]).map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
  });

  it('answers metadata alone', async () => {
    const answer = (await api.ask('GET', maps, { headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' } })).json();
    expect(answer).toMatchObject({ kind: 'PartialObjectMetadataList', items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'cmx' } }] });
    expect((answer['items'] as object[])[0]).not.toHaveProperty('data');
  });

  it('reads and writes YAML', async () => {
    const made = await api.ask('POST', `${maps}?dryRun=All`, { body: 'metadata:\n  name: y\ndata:\n  a: "1"\n', headers: { 'content-type': 'application/yaml', accept: 'application/yaml' } });
    expect(made.status).toBe(201);
    expect(made.text).toContain('kind: ConfigMap');
  });

  it('answers protobuf to those who take nothing else', async () => {
    const path = `${maps}/cmx`;
    const accept = 'application/vnd.kubernetes.protobuf';
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      get(`${api.url}${path}`, { ca: api.pki.ca.cert, headers: { accept, authorization: 'Bearer boss' } }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      }).on('error', reject);
    });
    expect(decodeProtobuf(bytes)).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cmx' }, data: { a: '1' } });
    expect((await api.ask('GET', `${maps}?watch=1`, { headers: { accept: 'application/yaml' } })).status).toBe(406);
  });

  it('watches in protobuf, each event with its length before it', async () => {
    const type = 'application/vnd.kubernetes.protobuf;stream=watch';
    const path = `${maps}?watch=1&fieldSelector=metadata.name%3Dcmx&timeoutSeconds=1&allowWatchBookmarks=true`;
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      get(`${api.url}${path}`, { ca: api.pki.ca.cert, headers: { accept: type, authorization: 'Bearer boss' } }, (response) => {
        expect(response.headers['content-type']).toBe(type);
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      }).on('error', reject);
    });
    expect(bytes.readUInt32BE(0)).toBe(bytes.length - 4);
    const text = bytes.toString('latin1');
    expect(text.slice(4, 11)).toBe('\n\x05ADDED');
    expect(decodeProtobuf(bytes.subarray(text.indexOf('k8s\0')))).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cmx' }, data: { a: '1' } });
  });

  it('warns of unknown fields unless asked to be silent', async () => {
    const body = '{"metadata":{"name":"w"},"dat":{}}';
    expect((await api.ask('POST', `${maps}?dryRun=All`, { body })).headers['warning']).toBe('299 - "unknown field \\"dat\\" (did you mean \\"data\\"?)"');
    expect((await api.ask('POST', `${maps}?dryRun=All&fieldValidation=Ignore`, { body })).headers['warning']).toBeUndefined();
  });

  it('indents for those who read it themselves', async () => {
    const indented = async (path: string, agent?: string) => (await api.ask('GET', path, { headers: agent === undefined ? {} : { 'user-agent': agent } })).text.startsWith('{\n  "');
    const one = '/api/v1/namespaces/default';
    expect([await indented(one), await indented(`${one}?pretty=true`), await indented(one, 'curl/8.0'), await indented(`${one}?pretty=false`, 'curl/8.0'), await indented('/api/v1/nope?pretty=1')]).toEqual([false, true, true, false, true]);
  });

  it('packs long answers', async () => {
    await api.ask('POST', maps, { body: JSON.stringify({ metadata: { name: 'big' }, data: { a: 'x'.repeat(200_000) } }) });
    expect((await api.ask('GET', `${maps}/big`, { headers: { 'accept-encoding': 'gzip' } })).headers['content-encoding']).toBe('gzip');
    await api.ask('DELETE', `${maps}/big`);
  });

  it('lists everything at once for those who ask so, with a tag', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
    const answer = await api.ask('GET', '/apis', { headers: { accept } });
    expect(answer.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    const again = await api.ask('GET', '/apis', { headers: { accept, 'if-none-match': answer.headers.etag! } });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await api.ask('GET', '/apis')).json()['kind']).toBe('APIGroupList');
  });

  it('tells of deprecated versions', async () => {
    const answer = await api.ask('GET', '/apis/extensions/v1beta1/ingresses');
    expect(answer.headers['warning']).toMatch(/^299 - "extensions\/v1beta1 Ingress is deprecated/);
    expect(answer.json()).toMatchObject({ kind: 'IngressList', apiVersion: 'extensions/v1beta1' });
  });
});

describe('health', () => {
  it.each(['/healthz', '/livez', '/readyz'])('%s needs no credentials', async (path) => {
    expect(await api.ask('GET', path, { anonymous: true })).toMatchObject({ status: 200, text: 'ok' });
  });
  it('counts its checks', async () => expect((await api.ask('GET', '/metrics/slis')).text).toContain('\nkubernetes_healthcheck{name="etcd",type="readyz"} 1\n'));

  it('names its checks', async () => {
    expect((await api.ask('GET', '/readyz?verbose')).text).toBe(
      '[+]ping ok\n[+]etcd ok\n[+]poststarthook/start-system-namespaces-controller ok\n[+]poststarthook/rbac/bootstrap-roles ok\nreadyz check passed\n');
    expect((await api.ask('GET', '/livez/etcd')).text).toBe('ok');
    expect((await api.ask('GET', '/readyz/poststarthook/rbac/bootstrap-roles')).status).toBe(200);
  });
});

describe('proxy', () => {
  let proxied: Served & { readonly defects: unknown[] };
  beforeAll(async () => {
    proxied = await serve({ admission: [], proxy: async ({ kind, name, path }) => ({ status: 200, headers: {}, body: Readable.from([`${kind} ${name} ${path}`]) }) });
  });
  afterAll(() => proxied.close());
  const pods = '/api/v1/namespaces/default/pods';
  it.each([
    [`${pods}/proxy-service-1:80/proxy/a%2fb/?c=d`, 'pods proxy-service-1:80 /a%2fb/?c=d'],
    [`${pods}/https:web:443/proxy/`, 'pods https:web:443 /'],
    [`${pods}/https%3Aweb%3A443/proxy/x`, 'pods https:web:443 /x'],
    ['/api/v1/nodes/proxy/proxy/proxy', 'nodes proxy /proxy'],
  ])('%s', async (path, expected) => expect((await proxied.ask('GET', path)).text).toBe(expected));

  it('asks for the last slash, where links need it', async () => {
    const { status, headers } = await proxied.ask('GET', `${pods}/web/proxy?a=b`);
    expect([status, headers.location]).toEqual([301, `${pods}/web/proxy/?a=b`]);
    expect((await proxied.ask('POST', `${pods}/web/proxy?a=b`)).text).toBe('pods web /?a=b');
  });
});
