import { badRequest, StatusError, tooLarge } from '../errors.ts';
import { copyJson, equalJson, isObject, put } from '../json.ts';
import type { JsonObject } from '../json.ts';

/** apiserver endpoints/handlers/patch.go, maxJSONPatchOperations. */
const MAX_OPERATIONS = 10_000;
/** evanphx/json-patch's limit of what copies may add, against patches that double a document again and again. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024;

/**
 * Applies a JSON patch (RFC 6902) and returns a new value; neither argument is changed. Throws StatusError: 400 for a patch that is none, 413 for too
 * much, 422 for one that does not apply (a failed `test`, a missing path). The rfc6902 package is not used: it follows inherited keys and takes `1x` for an index.
 */
export function jsonPatch(original: unknown, ops: unknown): unknown {
  if (!Array.isArray(ops)) throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (ops.length > MAX_OPERATIONS) throw tooLarge(`The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${ops.length}`);
  // The document is kept one level down, so that it has a parent and may itself be replaced.
  const root: JsonObject = { document: copyJson(original) };
  let copied = 0;
  for (const op of ops) {
    if (!isObject(op)) throw badRequest('json: cannot unmarshal patch operation into Go value of type jsonpatch.Operation');
    const path = locate(root, op['path']);
    switch (op['op']) {
      case 'add': add(path, copyJson(op['value'] ?? null)); break;
      case 'remove': remove(path); break;
      case 'replace': replace(path, copyJson(op['value'] ?? null)); break;
      case 'test': if (!equalJson(peek(path) ?? null, op['value'] ?? null)) throw inapplicable(); break;
      case 'move': {
        // A move into itself would lose the value.
        if (String(op['path']).startsWith(`${String(op['from'])}/`)) throw inapplicable();
        const value = remove(locate(root, op['from']));
        add(locate(root, op['path']), value);
        break;
      }
      case 'copy': {
        const value = copyJson(peek(locate(root, op['from'])) ?? null);
        copied += JSON.stringify(value).length;
        if (copied > MAX_COPIED_BYTES) throw inapplicable();
        add(path, value);
        break;
      }
      default: throw inapplicable();
    }
  }
  return root['document'];
}

interface Place {
  readonly parent: JsonObject | unknown[];
  readonly key: string;
}

/** The parent and last key of a JSON pointer. */
function locate(root: JsonObject, pointer: unknown): Place {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/'))) throw inapplicable();
  const keys = ['document', ...pointer.split('/').slice(1).map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))];
  let parent: unknown = root;
  for (const key of keys.slice(0, -1)) parent = read({ parent: container(parent), key });
  return { parent: container(parent), key: keys.at(-1)! };
}

function container(value: unknown): JsonObject | unknown[] {
  if (Array.isArray(value) || isObject(value)) return value;
  throw inapplicable();
}

/** An index of a list: `0` … length - 1, and up to `end` when adding. Negative ones count from the end, as evanphx/json-patch allows. */
function index(key: string, end: number): number {
  if (!/^-?(0|[1-9]\d{0,8})$/.test(key)) throw inapplicable();
  const at = Number(key) < 0 ? end + 1 + Number(key) : Number(key);
  if (at < 0 || at > end) throw inapplicable();
  return at;
}

function peek({ parent, key }: Place): unknown {
  if (Array.isArray(parent)) return parent[index(key, parent.length - 1)];
  return Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function read(place: Place): unknown {
  const value = peek(place);
  if (value === undefined) throw inapplicable();
  return value;
}

function add({ parent, key }: Place, value: unknown): void {
  if (!Array.isArray(parent)) put(parent, key, value);
  else parent.splice(key === '-' ? parent.length : index(key, parent.length), 0, value);
}

/** A key that is not there is added: evanphx/json-patch v4, which upstream uses, does not ask whether a map has it. */
function replace(place: Place, value: unknown): void {
  if (Array.isArray(place.parent)) place.parent[index(place.key, place.parent.length - 1)] = value;
  else put(place.parent, place.key, value);
}

function remove(place: Place): unknown {
  const value = read(place);
  if (Array.isArray(place.parent)) place.parent.splice(index(place.key, place.parent.length - 1), 1);
  else delete place.parent[place.key];
  return value;
}

/** What apimachinery's NewGenericServerResponse makes of any failure to apply. */
function inapplicable(): StatusError {
  return new StatusError({
    kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'the server rejected our request due to an error in our request', reason: 'Invalid', details: {}, code: 422,
  });
}
