import { invalid } from '../../api/errors.ts';
import type { StatusError } from '../../api/errors.ts';
import { show } from '../../api/patch/show.ts';
import type { DecodeError, Mismatch } from '../../api/schema/normalize.ts';
import type { Patch } from '../../client/client.ts';

/**
 * How a patch is refused whose outcome is no object of the kind (endpoints/handlers/patch.go): 422 about the field `patch`. JSON and merge patches show the patched
 * document, strategic ones the patch; `document` is what became of the object.
 */
export function patchRefusal(patch: Exclude<Patch, { type: 'apply' }>, document: unknown): (problem: string, error?: DecodeError) => StatusError {
  const shown = patch.type === 'strategic' ? show(patch.body) : JSON.stringify(document);
  return (problem, error) => {
    const why = patch.type === 'strategic' && error?.mismatch ? misfit(error.mismatch) : problem;
    return invalid({ group: '', kind: '' }, '', [{ type: 'FieldValueInvalid', field: 'patch', detail: `Invalid value: ${JSON.stringify(shown)}: ${why}` }]);
  };
}

/** The words of apimachinery's unstructured converter (runtime/converter.go), which reads a strategic merge patch's outcome where the JSON decoder reads the others'. */
function misfit({ value, goType, shape }: Mismatch): string {
  const found = kindOf(value);
  switch (shape) {
    case 'slice': return `cannot restore slice from ${found}`;
    case 'map': return `cannot restore map from ${found}`;
    case 'struct': return `cannot restore struct from: ${found}`;
    case 'string': return found === 'int64' ? `cannot convert ${found} to ${goType}` : 'unrecognized type: string';
    case 'bool': return 'unrecognized type: bool';
    case 'number': return found === 'float64' || found === 'int64' ? `cannot convert ${found} to ${goType}` : `unrecognized type: ${goType}`;
  }
}

/** What Go holds a JSON value in. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'object' ? 'map' : typeof value === 'boolean' ? 'bool' : typeof value;
}
