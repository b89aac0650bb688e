import { load as loadYaml } from 'js-yaml';
import { badRequest, unsupportedMediaType } from '../../api/errors.ts';
import type { JsonPatchOperation, Patch } from '../../client/client.ts';
import { isObject } from '../../api/json.ts';
import { parseJsonStrict } from '../../api/schema/strict.ts';

/** Reads a patch by its content type. Throws BadRequest or UnsupportedMediaType. */
export function decodePatch(bytes: Buffer, contentType: string | undefined): Patch {
  const type = (contentType ?? '').split(';')[0]!.trim().toLowerCase();
  switch (type) {
    case 'application/json-patch+json': {
      const operations = parse(bytes);
      if (!Array.isArray(operations)) throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp');
      if (operations.length > 10_000) throw badRequest(`The allowed maximum operations in a JSON patch is 10000, got ${operations.length}`);
      return { type: 'json', operations: operations as JsonPatchOperation[] };
    }
    case 'application/merge-patch+json':
      return { type: 'merge', body: record(parse(bytes)) };
    case 'application/strategic-merge-patch+json':
      return { type: 'strategic', body: record(parse(bytes, ''), '') };
    case 'application/apply-patch+yaml':
      return { type: 'apply', body: record(yaml(bytes) ?? {}) };
    default:
      throw unsupportedMediaType('415: Unsupported Media Type');
  }
}

const DECODING = 'error decoding patch: ';

/** Upstream puts the same words before every failure but a strategic merge patch's. */
function parse(bytes: Buffer, prefix = DECODING): unknown {
  const text = bytes.toString('utf8');
  try {
    return parseJsonStrict(text).value;
  } catch (error) {
    throw badRequest(`${prefix}${error instanceof Error ? error.message : String(error)}`);
  }
}

function yaml(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  if (text.trim() === '') return undefined;
  // kubectl sends JSON under this type; JSON.parse is much the faster of the two.
  if (text.startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      // Flow-style YAML begins the same way.
    }
  }
  try {
    return JSON.parse(JSON.stringify(loadYaml(text) ?? null));
  } catch (error) {
    throw badRequest(`error decoding YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
}

function record(value: unknown, prefix = DECODING): Record<string, unknown> {
  if (!isObject(value)) throw badRequest(`${prefix}json: cannot unmarshal ${value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`);
  return value;
}
