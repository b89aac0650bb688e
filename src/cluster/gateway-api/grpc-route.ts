import { backendObject, headerModifier } from './http-route.ts';
import { conditions, group, headerName, hostname, kind, listBy, listOf, name, number, object, oneOf, parentRef, sectionName, text, type Schema } from './schema.ts';

const filter = (): Schema => object({
  'type!': oneOf(['ResponseHeaderModifier', 'RequestHeaderModifier', 'RequestMirror', 'ExtensionRef']),
  requestHeaderModifier: headerModifier(),
  responseHeaderModifier: headerModifier(),
  requestMirror: object({ 'backendRef!': object(backendObject()), percent: number(0, 100), fraction: object({ 'numerator!': number(0, 2_147_483_647), denominator: number(1, 2_147_483_647, { default: 100 }) }) }),
  extensionRef: object({ 'group!': group(), 'kind!': kind(), 'name!': name() }),
});

const match = object({
  method: object({ type: oneOf(['Exact', 'RegularExpression'], { default: 'Exact' }), service: text({ maxLength: 1024 }), method: text({ maxLength: 1024 }) }),
  headers: listBy(['name'], object({ type: oneOf(['Exact', 'RegularExpression'], { default: 'Exact' }), 'name!': headerName(), 'value!': text({ minLength: 1, maxLength: 4096 }) }), 16),
});

const rule = object({
  name: sectionName(),
  matches: listOf(match, 64),
  filters: listOf(filter(), 16),
  backendRefs: listOf(object({ ...backendObject(), weight: number(0, 1_000_000, { default: 1 }), filters: listOf(filter(), 16) }), 16),
});

/** gateway.networking.k8s.io/v1 GRPCRoute (apis/v1/grpcroute_types.go). */
export const grpcRoute: Schema = object({
  'spec!': object({
    parentRefs: listOf(parentRef(), 32, { description: 'The Gateways that this route attaches to.' }),
    hostnames: listOf(hostname(), 16, { description: 'The hosts that this route is for; all that the Gateway takes when there are none.' }),
    rules: listOf(rule, 16),
  }),
  status: object({
    'parents!': listOf(object({ 'parentRef!': parentRef(), 'controllerName!': text({ minLength: 1, maxLength: 253 }), conditions: conditions() }), 32),
  }),
}, { description: 'Which gRPC calls go to which Services.' });
