import { badRequest, unsupportedMediaType, type StatusError } from '../../api/errors.ts';
import { parseApiVersion, type KubeObject } from '../../api/object.ts';
import { isObject } from '../../api/json.ts';
import { ProtobufError, decodeProtobuf } from '../../api/schema/protobuf.ts';
import { DecodeError } from '../../api/schema/normalize.ts';
import { inOrderOf, parseJsonStrict } from '../../api/schema/strict.ts';
import type { Resource, Scheme } from '../scheme.ts';
import { readYaml } from './yaml.ts';

const SUMMARY = 30;

/** A request's body as JSON, whatever it was written in; `duplicates`: keys that occur twice. */
export interface Decoded {
  readonly value: Record<string, unknown>;
  readonly duplicates: readonly string[];
  /** Puts complaints about fields in the order of the body; without it they have none. */
  readonly inOrder?: (problems: readonly string[]) => readonly string[];
}

/** Decodes a body by its content type. `expected` is the kind for error texts. Throws BadRequest or UnsupportedMediaType. */
export function decodeBody(bytes: Buffer, contentType: string | undefined, expected: string): Decoded {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  if (type === '' || type === 'application/json') return json(bytes, expected);
  if (type === 'application/yaml') return yaml(bytes, expected);
  if (type === 'application/vnd.kubernetes.protobuf') return protobuf(bytes, expected);
  throw unsupportedMediaType('the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf');
}

function json(bytes: Buffer, expected: string): Decoded {
  const text = bytes.toString('utf8');
  let read: { value: unknown; duplicates: readonly string[] };
  try {
    read = parseJsonStrict(text);
  } catch (error) {
    throw unrecognized(expected, `couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`, bytes);
  }
  const { value, duplicates } = read;
  if (!isObject(value)) throw unrecognized(expected, `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`, bytes);
  return { value, duplicates, inOrder: (problems) => inOrderOf(text, problems) };
}

function protobuf(bytes: Buffer, expected: string): Decoded {
  try {
    return { value: decodeProtobuf(bytes) as unknown as Record<string, unknown>, duplicates: [] };
  } catch (error) {
    if (!(error instanceof ProtobufError) && !(error instanceof RangeError) && !(error instanceof DecodeError)) throw error;
    throw badRequest(`the object provided is unrecognized (must be of type ${expected}): ${error.message} (${summary(bytes)})`);
  }
}

function yaml(bytes: Buffer, expected: string): Decoded {
  const text = bytes.toString('utf8');
  let read: ReturnType<typeof readYaml>;
  try {
    read = readYaml(text);
  } catch (error) {
    throw unrecognized(expected, `error converting YAML to JSON: yaml: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`, bytes);
  }
  const { value, problem } = read;
  if (!isObject(value)) throw unrecognized(expected, `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`, bytes);
  return { value, duplicates: problem === undefined ? [] : [problem] };
}

function unrecognized(expected: string, why: string, bytes: Buffer) {
  return badRequest(`the object provided is unrecognized (must be of type ${expected}): ${why} (${summary(bytes)})`);
}

/** The beginning of a body for an error's text: as it is when it looks like JSON, else in hex (endpoints/handlers/rest.go summarizeData). */
function summary(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>';
  const start = bytes.subarray(0, SUMMARY);
  return `${start.toString(bytes[0] === 0x7b ? 'utf8' : 'hex')}${bytes.length > SUMMARY ? ' ...' : ''}`;
}

function jsonType(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** Upstream's words for an object of another kind or version than the URL names. */
function notThat(scheme: Scheme, resource: Pick<Resource, 'group' | 'version' | 'apiVersion'>, expected: string, said: { readonly apiVersion: string; readonly kind: string }): StatusError {
  const { group, version } = parseApiVersion(said.apiVersion);
  const context = `${said.kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected}`;
  if (scheme.findKind(group, version, said.kind) === undefined) {
    return badRequest(`${context}: no kind ${JSON.stringify(said.kind)} is registered for version ${JSON.stringify(said.apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`);
  }
  if (said.kind === expected) return badRequest(`the API version in the data (${said.apiVersion}) does not match the expected API version (${resource.apiVersion})`);
  const internalGroup = resource.group === '' ? 'core' : resource.group.split('.')[0];
  return badRequest(`${context}: converting (${version}.${said.kind}) to (${internalGroup}.${expected}): unknown conversion`);
}

/**
 * Checks that the body is the kind that the URL names, and fills in what it leaves out. Throws BadRequest in the words of upstream's decoder.
 */
export function checkKind(scheme: Scheme, resource: Pick<Resource, 'group' | 'version' | 'apiVersion'>, expected: string, value: Record<string, unknown>): KubeObject {
  const apiVersion = value['apiVersion'] ?? '';
  const kind = value['kind'] ?? '';
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw badRequest(`couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonType(typeof kind === 'string' ? apiVersion : kind)} into Go struct field .${typeof kind === 'string' ? 'apiVersion' : 'kind'} of type string`);
  const said = { apiVersion: apiVersion || resource.apiVersion, kind: kind || expected };
  if (said.apiVersion !== resource.apiVersion || said.kind !== expected) throw notThat(scheme, resource, expected, said);
  value['apiVersion'] = resource.apiVersion;
  value['kind'] = expected;
  if (value['metadata'] !== undefined && value['metadata'] !== null && !isObject(value['metadata'])) {
    throw badRequest(`${expected} in version ${JSON.stringify(resource.version)} cannot be handled as a ${expected}: json: cannot unmarshal ${jsonType(value['metadata'])} into Go struct field ${expected}.metadata of type v1.ObjectMeta`);
  }
  if (!isObject(value['metadata'])) value['metadata'] = {};
  return value as unknown as KubeObject;
}
