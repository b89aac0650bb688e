import type { GrpcMethodMatch, GrpcRoute, HttpRoute, HttpRouteMatch } from './gateway-types.ts';

/** A GRPCRoute as the HTTPRoute that it stands for: the path of a gRPC call is `/SERVICE/METHOD` (apis/v1/grpcroute_types.go). */
export function asHttpRoute(route: GrpcRoute): HttpRoute {
  const rules = (route.spec?.rules ?? [{}]).map(({ matches = [], ...rule }) => ({ ...rule, matches: (matches.length > 0 ? matches : [{}]).map(({ method, headers }) => ({ path: pathOf(method), ...(headers && { headers }) })) }));
  return { ...route, spec: { ...route.spec, rules } };
}

/** Anything where nothing is said. */
function pathOf({ type = 'Exact', service = '', method = '' }: GrpcMethodMatch = {}): HttpRouteMatch['path'] {
  if (service === '' && method === '') return { type: 'PathPrefix', value: '/' };
  if (type === 'RegularExpression') return { type, value: `/(?:${service || '[^/]+'})/(?:${method || '[^/]+'})` };
  if (method === '') return { type: 'PathPrefix', value: `/${service}` };
  if (service === '') return { type: 'RegularExpression', value: `/[^/]+/${method.replace(/[^\w]/g, '\\$&')}` };
  return { type: 'Exact', value: `/${service}/${method}` };
}
