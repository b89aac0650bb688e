import { badRequest, unsupportedMediaType } from '../../api/errors.ts';
import type { JsonPatchOperation, Patch } from '../../client/client.ts';
import { isObject } from '../../api/json.ts';
import { parseJsonStrict } from '../../api/schema/strict.ts';
import { readYaml } from './yaml.ts';

/** A patch, and what strict reading says of its text. */
export interface DecodedPatch {
  readonly patch: Patch;
  readonly duplicates: readonly string[];
}

/** Reads a patch by its content type. Throws BadRequest or UnsupportedMediaType. */
export function decodePatch(bytes: Buffer, contentType: string | undefined): DecodedPatch {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  switch (type) {
    case 'application/json-patch+json': {
      const { value: operations, duplicates } = parse(bytes);
      if (!Array.isArray(operations)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp');
      if (operations.length > 10_000) throw badRequest(`The allowed maximum operations in a JSON patch is 10000, got ${operations.length}`);
      return { patch: { type: 'json', operations: operations as JsonPatchOperation[] }, duplicates: duplicates.map((text) => `json patch ${text}`) };
    }
    case 'application/merge-patch+json': {
      const { value, duplicates } = parse(bytes);
      return { patch: { type: 'merge', body: record(value) }, duplicates };
    }
    case 'application/strategic-merge-patch+json': {
      const { value, duplicates } = parse(bytes, '');
      return { patch: { type: 'strategic', body: record(value, '') }, duplicates };
    }
    case 'application/apply-patch+yaml': {
      const { value, problem } = yaml(bytes);
      return { patch: { type: 'apply', body: record(value ?? {}) }, duplicates: problem === undefined ? [] : [`error converting YAML to JSON: ${problem}`] };
    }
    default:
      throw unsupportedMediaType('415: Unsupported Media Type');
  }
}

const DECODING = 'error decoding patch: ';

/** Upstream puts the same words before every failure but a strategic merge patch's. */
function parse(bytes: Buffer, prefix = DECODING): { value: unknown; duplicates: readonly string[] } {
  const text = bytes.toString('utf8');
  try {
    return parseJsonStrict(text);
  } catch (error) {
    throw badRequest(`${prefix}${error instanceof Error ? error.message : String(error)}`);
  }
}

function yaml(bytes: Buffer): { value: unknown; problem?: string } {
  const text = bytes.toString('utf8');
  if (text.trim() === '') return { value: undefined };
  // kubectl sends JSON under this type; JSON.parse is much the faster of the two.
  if (text.startsWith('{')) {
    try {
      const { value, duplicates } = parseJsonStrict(text);
      if (duplicates.length === 0) return { value };
    } catch {
      // Flow-style YAML begins the same way.
    }
  }
  try {
    return readYaml(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}

function record(value: unknown, prefix = DECODING): Record<string, unknown> {
  if (!isObject(value)) throw badRequest(`${prefix}json: cannot unmarshal ${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`);
  return value;
}
