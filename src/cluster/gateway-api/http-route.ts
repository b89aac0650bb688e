import { conditions, CORE, duration, group, headerName, hostname, kind, listBy, listOf, name, namespace, number, object, oneOf, parentRef, port, preciseHostname, sectionName, text, type Schema } from './schema.ts';

const WHOLE = { type: 'PathPrefix', value: '/' };

const headers = (): Schema => listBy(['name'], object({ 'name!': headerName(), 'value!': text({ minLength: 1, maxLength: 4096 }) }), 16);
export const headerModifier = (): Schema => object({ set: headers(), add: headers(), remove: { type: 'array', maxItems: 16, items: text(), 'x-kubernetes-list-type': 'set' } });
const pathModifier = (): Schema => object({ 'type!': oneOf(['ReplaceFullPath', 'ReplacePrefixMatch']), replaceFullPath: text({ maxLength: 1024 }), replacePrefixMatch: text({ maxLength: 1024 }) });
export const backendObject = (): Record<string, Schema> => ({ group: group(CORE), kind: kind('Service'), 'name!': name(), namespace: namespace(), port: port() });

const filter = (): Schema => object({
  'type!': oneOf(['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'RequestRedirect', 'URLRewrite', 'ExtensionRef']),
  requestHeaderModifier: headerModifier(),
  responseHeaderModifier: headerModifier(),
  requestMirror: object({ 'backendRef!': object(backendObject()), percent: number(0, 100), fraction: object({ 'numerator!': number(0, 2_147_483_647), denominator: number(1, 2_147_483_647, { default: 100 }) }) }),
  requestRedirect: object({ scheme: oneOf(['http', 'https']), hostname: preciseHostname(), path: pathModifier(), port: port(), statusCode: { type: 'integer', enum: [301, 302], default: 302 } }),
  urlRewrite: object({ hostname: preciseHostname(), path: pathModifier() }),
  extensionRef: object({ 'group!': group(), 'kind!': kind(), 'name!': name() }),
});

const match = object({
  path: object({ type: oneOf(['Exact', 'PathPrefix', 'RegularExpression'], { default: 'PathPrefix' }), value: text({ maxLength: 1024, default: '/' }) }, { default: WHOLE }),
  headers: listBy(['name'], object({ type: oneOf(['Exact', 'RegularExpression'], { default: 'Exact' }), 'name!': headerName(), 'value!': text({ minLength: 1, maxLength: 4096 }) }), 16),
  queryParams: listBy(['name'], object({ type: oneOf(['Exact', 'RegularExpression'], { default: 'Exact' }), 'name!': headerName(), 'value!': text({ minLength: 1, maxLength: 1024 }) }), 16),
  method: oneOf(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']),
});

const rule = object({
  name: sectionName(),
  matches: listOf(match, 64, { default: [{ path: WHOLE }] }),
  filters: listOf(filter(), 16),
  backendRefs: listOf(object({ ...backendObject(), weight: number(0, 1_000_000, { default: 1 }), filters: listOf(filter(), 16) }), 16),
  timeouts: object({ request: duration(), backendRequest: duration() }),
});

/** gateway.networking.k8s.io/v1 HTTPRoute (apis/v1/httproute_types.go). */
export const httpRoute: Schema = object({
  'spec!': object({
    parentRefs: listOf(parentRef(), 32, { description: 'The Gateways that this route attaches to.' }),
    hostnames: listOf(hostname(), 16, { description: 'The hosts that this route is for; all that the Gateway takes when there are none.' }),
    rules: listOf(rule, 16, { default: [{ matches: [{ path: WHOLE }] }] }),
  }),
  status: object({
    'parents!': listOf(object({ 'parentRef!': parentRef(), 'controllerName!': text({ minLength: 1, maxLength: 253 }), conditions: conditions() }), 32),
  }),
}, { description: 'Which requests go to which Services.' });
