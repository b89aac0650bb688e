import { dump as dumpYaml } from 'js-yaml';
import { badRequest, notAcceptable } from '../../api/errors.ts';
import type { KubeObject } from '../../api/object.ts';
import { ProtobufError, encodeProtobuf } from '../../api/schema/protobuf.ts';
import type { Entry } from '../../store/store.ts';
import type { Page } from '../registry/read.ts';
import { encodedIn, inVersion } from '../registry/versions.ts';
import { listKindOf, type Resource } from '../scheme.ts';
import { partialObjectMetadata, table, type IncludeObject } from '../table.ts';
import type { Accepted } from './negotiate.ts';
import type { Query } from './query.ts';
import { jsonReply, type Reply } from './reply.ts';

/** The includeObject parameter of a Table. Throws BadRequest. */
export function includeObject(query: Query): IncludeObject {
  const value = query.get('includeObject') || 'Metadata';
  if (value !== 'None' && value !== 'Metadata' && value !== 'Object') throw badRequest(`Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`);
  return value;
}

/** One stored object in the form that the client accepts. */
export function entryReply(status: number, resource: Resource, entry: Entry, accepted: Accepted, query: Query, nowMs: number): Reply {
  if (accepted.as === 'Table') {
    return jsonReply(status, Buffer.from(table(resource, [entry.object], includeObject(query), accepted.version!, { resourceVersion: entry.object.metadata.resourceVersion }, nowMs)));
  }
  if (accepted.as === 'PartialObjectMetadata') return jsonReply(status, Buffer.from(partial(entry.object, accepted)));
  if (accepted.format === 'json') return jsonReply(status, encodedIn(resource, entry));
  return formatted(status, inVersion(resource, entry.object), accepted);
}

/** A page of a list; the objects' own bytes are sent as they lie. */
export function pageReply(resource: Resource, page: Page, accepted: Accepted, query: Query, nowMs: number): Reply {
  const metadata = { resourceVersion: String(page.revision), ...(page.continue !== undefined && { continue: page.continue }), ...(page.remaining !== undefined && { remainingItemCount: page.remaining }) };
  if (accepted.as === 'Table') {
    return jsonReply(200, Buffer.from(table(resource, page.entries.map((entry) => entry.object), includeObject(query), accepted.version!, metadata, nowMs)));
  }
  if (accepted.as === 'PartialObjectMetadataList') {
    const items = page.entries.map((entry) => partial(entry.object, accepted)).join(',');
    return jsonReply(200, Buffer.from(`{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${accepted.version}","metadata":${JSON.stringify(metadata)},"items":[${items}]}`));
  }
  const kind = listKindOf(resource);
  if (accepted.format !== 'json') {
    return formatted(200, { kind, apiVersion: resource.apiVersion, metadata, items: page.entries.map((entry) => inVersion(resource, entry.object)) }, accepted);
  }
  const head = Buffer.from(`{"kind":${JSON.stringify(kind)},"apiVersion":${JSON.stringify(resource.apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`);
  return jsonReply(200, splice(head, page.entries.map((entry) => encodedIn(resource, entry)), TAIL));
}

const TAIL = Buffer.from(']}\n');
const COMMA = 44;

/** Joins encoded items with commas into one buffer. */
function splice(head: Buffer, items: readonly Buffer[], tail: Buffer): Buffer {
  let size = head.length + tail.length + Math.max(0, items.length - 1);
  for (const item of items) size += item.length;
  const all = Buffer.allocUnsafe(size);
  let at = head.copy(all, 0);
  for (const [i, item] of items.entries()) {
    if (i > 0) all[at++] = COMMA;
    at += item.copy(all, at);
  }
  tail.copy(all, at);
  return all;
}

/** A value that is no stored object, in the format that the client accepts. */
export function formatted(status: number, value: object, accepted: Accepted): Reply {
  if (accepted.format === 'yaml') return jsonReply(status, Buffer.from(dumpYaml(JSON.parse(JSON.stringify(value)))), 'application/yaml');
  if (accepted.format === 'protobuf') return jsonReply(status, protobuf(value), 'application/vnd.kubernetes.protobuf');
  return jsonReply(status, Buffer.from(JSON.stringify(value)));
}

function protobuf(value: object): Buffer {
  try {
    return encodeProtobuf(value);
  } catch (error) {
    // Custom resources have no such form.
    throw error instanceof ProtobufError ? notAcceptable('406: Not Acceptable') : error;
  }
}

export function partial(object: KubeObject, accepted: Accepted): string {
  const text = partialObjectMetadata(object);
  return accepted.version === 'v1beta1' ? text.replace('"meta.k8s.io/v1"', '"meta.k8s.io/v1beta1"') : text;
}
