import { apiVersionOf } from '../../api/object.ts';
import type { Scheme } from '../scheme.ts';
import type { Page } from './router.ts';
import { objectReply } from './reply.ts';

const OTHERS = ['/.well-known/openid-configuration', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/openid/v1/jwks', '/readyz', '/version'];

/** `/`: where there is something to find. */
export function rootPage(scheme: Scheme): Page {
  return (path) => {
    if (path !== '/' && path !== '') return undefined;
    const groups = scheme.groups().filter((group) => group.name !== '');
    const named = groups.flatMap((group) => [`/apis/${group.name}`, ...group.versions.map((version) => `/apis/${apiVersionOf({ group: group.name, version })}`)]);
    return objectReply(200, { paths: ['/api', '/api/v1', '/apis', ...named, ...OTHERS].sort() });
  };
}
