import { createHash } from 'node:crypto';
import { apiVersionOf, parseApiVersion } from '../../api/object.ts';
import type { CustomSchema } from '../../api/schema/openapi-resources.ts';
import { openApiV2Protobuf } from '../../api/schema/openapi-v2-protobuf.ts';
import { openApiV2 } from '../../api/schema/openapi-v2.ts';
import { openApiV3 } from '../../api/schema/openapi-v3.ts';
import type { Scheme } from '../scheme.ts';
import type { Page } from './router.ts';
import { objectReply, type ApiRequest, type Reply } from './reply.ts';

interface Document {
  readonly body: Buffer;
  readonly etag: string;
}

// What kube-apiserver says; the type that clients ask for is one that Go's mime package cannot read back.
const V2_PROTOBUF = 'application/octet-stream';
const YEAR_SECONDS = 31_536_000;

/** `/openapi/v2` (JSON and gnostic's protobuf) and `/openapi/v3/…`; each document is made when first asked for, and again when the scheme changes. `remote`: group-versions whose documents other API servers give. */
export function openApiPages(scheme: Scheme, customs: () => readonly CustomSchema[], remote: () => readonly string[]): Page {
  let generation = -1;
  const documents = new Map<string, Document>();
  const document = (key: string, make: () => Buffer): Document => {
    if (scheme.generation !== generation) {
      documents.clear();
      generation = scheme.generation;
    }
    let found = documents.get(key);
    if (!found) {
      const body = make();
      documents.set(key, found = { body, etag: createHash('sha512').update(body).digest('hex').toUpperCase() });
    }
    return found;
  };
  const v2 = () => openApiV2(builtin(scheme, customs()), customs());
  const v3 = (group: string, version: string) => document(`v3/${group}/${version}`, () => Buffer.from(JSON.stringify(openApiV3(builtin(scheme, customs()), group, version, customs()))));

  return (path, query, request) => {
    if (!path.startsWith('/openapi/')) return undefined;
    if (path === '/openapi/v2') {
      const protobuf = String(request.headers['accept'] ?? '').includes('proto-openapi.spec.v2');
      const found = protobuf ? document('v2.pb', () => openApiV2Protobuf(v2())) : document('v2.json', () => Buffer.from(JSON.stringify(v2())));
      return cached(request, found, protobuf ? V2_PROTOBUF : 'application/json', { vary: 'Accept-Encoding, Accept' });
    }
    if (path === '/openapi/v3') {
      const paths = Object.fromEntries(scheme.groups().flatMap((group) => group.versions.map((version) => {
        const name = group.name === '' ? `api/${version}` : `apis/${apiVersionOf({ group: group.name, version })}`;
        return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${v3(group.name, version).etag}` }];
      })));
      for (const name of remote()) paths[`apis/${name}`] ??= { serverRelativeURL: `/openapi/v3/apis/${name}` };
      return objectReply(200, { paths });
    }
    const match = /^\/openapi\/v3\/(?:api\/([^/]+)|apis\/([^/]+\/[^/]+))$/.exec(path);
    if (!match) return undefined;
    const { group, version } = parseApiVersion(match[1] ?? match[2]!);
    if (scheme.resources(group, version).length === 0) return undefined;
    const found = v3(group, version);
    const hash = query.get('hash');
    // A client that names a hash may keep the answer for ever; one that names an old hash is sent to the new.
    if (hash !== undefined && hash !== found.etag) return { status: 301, headers: { location: `${path}?hash=${found.etag}`, 'cache-control': 'no-cache' }, body: Buffer.alloc(0) };
    return cached(request, found, 'application/json', hash === undefined ? {} : { 'cache-control': `public, immutable, max-age=${YEAR_SECONDS}` });
  };
}

/** Custom resources bring their own schema; the tables know nothing of their kinds. */
function builtin(scheme: Scheme, customs: readonly CustomSchema[]) {
  const foreign = new Set(customs.map(({ group, kind }) => `${group}/${kind}`));
  return scheme.kinds().filter((kind) => !foreign.has(`${kind.storage.group}/${kind.kind}`));
}

function cached(request: ApiRequest, { body, etag }: Document, contentType: string, headers: Record<string, string>): Reply {
  const quoted = `"${etag}"`;
  const all = { 'cache-control': 'no-cache, private', 'content-type': contentType, etag: quoted, vary: 'Accept', ...headers };
  return request.headers['if-none-match'] === quoted ? { status: 304, headers: all, body: Buffer.alloc(0) } : { status: 200, headers: all, body };
}
