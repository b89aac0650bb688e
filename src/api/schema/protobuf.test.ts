import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProtobuf, encodeProtobuf, ProtobufError } from './protobuf.ts';
import { builtinKinds } from '../kinds/index.ts';
import { apiVersionOf } from '../object.ts';

const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((p) => Buffer.from(p as string)));
const field = (number: number, body: Buffer | string) => bytes([number * 8 + 2, Buffer.byteLength(body)], body as string);
const envelope = (apiVersion: string, kind: string, raw: Buffer) => bytes('k8s\0', field(1, bytes(field(1, apiVersion) as unknown as string, field(2, kind) as unknown as string)) as unknown as string, field(2, raw) as unknown as string, [0x1a, 0, 0x22, 0]);
const cat = (...parts: Buffer[]) => Buffer.concat(parts);

const pod = {
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', labels: { app: 'web' }, creationTimestamp: '2025-01-02T03:04:05Z', generation: 3 },
  spec: {
    containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '500m', memory: '1Gi' } }, livenessProbe: { httpGet: { path: '/', port: 'http' }, initialDelaySeconds: 5 }, securityContext: { runAsUser: 0 } }],
    terminationGracePeriodSeconds: 0, volumes: [{ name: 'v', configMap: { name: 'm', optional: false } }],
  },
  status: {},
};

describe('decodeProtobuf', () => {
  it('reads a ConfigMap written by hand', () => {
    // metadata{name: "m"}, data{"k": "v"}, a field 99 that nobody knows.
    const raw = cat(field(1, field(1, 'm')), field(2, cat(field(1, 'k'), field(2, 'v'))), bytes([0x98, 0x06, 0x01]));
    expect(decodeProtobuf(envelope('v1', 'ConfigMap', raw))).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', creationTimestamp: null }, data: { k: 'v' } });
  });

  it('reads negative and large numbers', () => {
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'l', creationTimestamp: null, generation: 2 ** 40 }, spec: { leaseDurationSeconds: -5, renewTime: '2025-01-02T03:04:05.000678Z' } };
    expect(decodeProtobuf(encodeProtobuf(lease))).toEqual(lease);
  });

  it('keeps what Go keeps: zero behind pointers, empty structs', () => expect(decodeProtobuf(encodeProtobuf(pod))).toEqual(pod));

  it('sets __proto__ as a plain key', () => {
    const raw = field(2, cat(field(1, '__proto__'), field(2, 'v')));
    const { data } = decodeProtobuf(envelope('v1', 'ConfigMap', raw)) as unknown as { data: Record<string, string> };
    expect(Object.keys(data)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['v']).toBeUndefined();
  });

  it.each<[string, Buffer, string]>([
    ['no prefix', bytes('{"kind":"Pod"}'), 'provided data does not appear to be a protobuf message'],
    ['unknown kind', envelope('v1', 'Nope', Buffer.alloc(0)), 'no kind "Nope" is registered for version "v1"'],
    ['cut short', envelope('v1', 'ConfigMap', bytes([0x0a, 0x05, 0x01])), 'unexpected end of message'],
    ['wrong wire type', envelope('v1', 'ConfigMap', bytes([0x08, 0x01])), 'wrong wireType = 0 for field ConfigMap.metadata'],
    ['a group', envelope('v1', 'ConfigMap', bytes([0x3b])), 'illegal wireType 3'],
    ['an endless varint', envelope('v1', 'ConfigMap', bytes(Array(12).fill(0xff) as number[])), 'integer overflow'],
  ])('refuses %s', (_, body, text) => expect(() => decodeProtobuf(body)).toThrow(text));

  it('refuses nesting without end', () => {
    let schema = Buffer.alloc(0);
    // JSONSchemaProps.not (28) in itself.
    for (let i = 0; i < 300; i++) schema = cat(Buffer.from([0xe2, 0x01]), Buffer.from(schema.length < 128 ? [schema.length] : [(schema.length & 127) | 128, schema.length >> 7]), schema);
    const body = encodeProtobuf({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: {}, spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: deep(300) } }] } });
    expect(() => decodeProtobuf(body)).toThrow('nested deeper than 200 levels');
    expect(schema.length).toBeGreaterThan(300);
  });

  it('reads or refuses any bytes', () => fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (raw) => {
    try {
      decodeProtobuf(envelope('v1', 'Pod', Buffer.from(raw)));
    } catch (error) {
      expect(['ProtobufError', 'DecodeError']).toContain((error as Error).name);
    }
  })));
});

function deep(levels: number): object {
  let schema: object = { type: 'object' };
  for (let i = 0; i < levels; i++) schema = { not: schema };
  return schema;
}

describe('encodeProtobuf', () => {
  it.each(builtinKinds.flatMap((kind) => [kind.storage, ...(kind.served ?? [])].map((version) => [apiVersionOf(version), kind.kind] as const)))('round-trips an empty %s %s', (apiVersion, kind) => {
    const once = decodeProtobuf(encodeProtobuf({ apiVersion, kind, metadata: { name: 'x' } }));
    expect(decodeProtobuf(encodeProtobuf(once))).toEqual(once);
  });

  it('writes lists', () => expect(encodeProtobuf({ apiVersion: 'v1', kind: 'PodList', metadata: { resourceVersion: '5' }, items: [pod] }).length).toBeGreaterThan(100));
  it('refuses what it does not know', () => expect(() => encodeProtobuf({ apiVersion: 'example.com/v1', kind: 'Foo' })).toThrow(ProtobufError));
});
