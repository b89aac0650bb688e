/** What a URL asks for, resolved as apiserver's RequestInfo (pkg/endpoints/request/requestinfo.go). */
export interface RequestInfo {
  /** Under /api/VERSION or /apis/GROUP/VERSION with at least a resource. */
  readonly isResource: boolean;
  readonly path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; the lower-case method for other paths. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** '' = none given. */
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource: `/proxy/PATH`. */
  readonly rest: string;
  /** The old `/api/v1/watch/…` form. */
  readonly watchPrefix: boolean;
}

const VERBS: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/** Resolves a method and path. `watch`: whether the query asks for one. Throws URIError on broken percent escapes. */
export function requestInfo(method: string, path: string, watch: boolean): RequestInfo {
  const other = (): RequestInfo => ({
    isResource: false, path, verb: method.toLowerCase(), group: '', version: '', namespace: '', resource: '', name: '', subresource: '', rest: '', watchPrefix: false,
  });
  const parts = path.split('/').filter(Boolean).map((part) => (part.includes('%') ? decodeURIComponent(part) : part));
  let at: number;
  let group = '';
  if (parts[0] === 'api') at = 1;
  else if (parts[0] === 'apis') {
    group = parts[1] ?? '';
    at = 2;
  } else return other();
  const version = parts[at++];
  if (version === undefined || parts.length <= at) return other();

  const watchPrefix = parts[at] === 'watch';
  if (watchPrefix) at++;
  let namespace = '';
  let rest = parts.slice(at);
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1]!;
    // /namespaces/NAME and its own subresources are about the namespace; anything longer is inside it.
    if (rest.length > 2 && !NAMESPACE_SUBRESOURCES.has(rest[2]!)) rest = rest.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...tail] = rest;
  if (resource === '') return other();
  let verb = VERBS[method] ?? method.toLowerCase();
  if (watchPrefix) verb = 'watch';
  else if (name === '' && verb === 'get') verb = watch ? 'watch' : 'list';
  else if (name === '' && verb === 'delete') verb = 'deletecollection';
  else if (subresource === '' && verb === 'get' && watch) verb = 'watch';
  return { isResource: true, path, verb, group, version, namespace, resource, name, subresource, rest: tail.join('/'), watchPrefix };
}
