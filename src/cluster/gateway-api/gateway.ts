import { conditions, CORE, group, GROUP, hostname, kind, listBy, listOf, name, namespace, number, object, oneOf, pending, port, sectionName, text, type Schema } from './schema.ts';

/** gateway.networking.k8s.io/v1 GatewayClass (apis/v1/gatewayclass_types.go). */
export const gatewayClass: Schema = object({
  'spec!': object({
    'controllerName!': text({ minLength: 1, maxLength: 253, pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\/[A-Za-z0-9\\/\\-._~%!$&\'()*+,;=:]+$', description: 'The controller that manages Gateways of this class.' }),
    description: text({ maxLength: 64, description: 'What this class is for.' }),
    parametersRef: object({ 'group!': group(), 'kind!': kind(), 'name!': name(), namespace: namespace() }, { description: 'Parameters of the class, in an object of the controller\'s own.' }),
  }),
  status: object({ conditions: { ...conditions(), default: pending('Accepted') }, supportedFeatures: listBy(['name'], object({ 'name!': text() }), 64) }, { default: { conditions: pending('Accepted') } }),
}, { description: 'A class of Gateways: which controller serves them.' });

const secretRef = object({ group: group(CORE), kind: kind('Secret'), namespace: namespace(), 'name!': name() });
const labelSelector = object({
  matchLabels: { type: 'object', additionalProperties: text() },
  matchExpressions: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: object({ 'key!': text(), 'operator!': text(), values: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: text() } }) },
}, { 'x-kubernetes-map-type': 'atomic' });

const listener = object({
  'name!': sectionName(),
  hostname: hostname(),
  'port!': port(),
  'protocol!': text({ minLength: 1, maxLength: 255, description: 'HTTP or HTTPS.' }),
  tls: object({
    mode: oneOf(['Terminate', 'Passthrough'], { default: 'Terminate' }),
    certificateRefs: listOf(secretRef, 64),
    options: { type: 'object', maxProperties: 16, additionalProperties: text({ maxLength: 4096 }) },
  }),
  allowedRoutes: object({
    namespaces: object({ from: oneOf(['All', 'Selector', 'Same'], { default: 'Same' }), selector: labelSelector }, { default: { from: 'Same' } }),
    kinds: listOf(object({ group: group(GROUP), 'kind!': kind() }), 8),
  }, { default: { namespaces: { from: 'Same' } } }),
});

const address = (): Schema => object({ type: text({ minLength: 1, maxLength: 253, default: 'IPAddress' }), value: text({ maxLength: 253 }) });

/** gateway.networking.k8s.io/v1 Gateway (apis/v1/gateway_types.go). */
export const gateway: Schema = object({
  'spec!': object({
    'gatewayClassName!': name(),
    'listeners!': listBy(['name'], listener, 64, { minItems: 1, description: 'Where requests are taken.' }),
    addresses: listOf(address(), 16),
    infrastructure: object({
      labels: { type: 'object', maxProperties: 8, additionalProperties: text({ maxLength: 63 }) }, annotations: { type: 'object', maxProperties: 8, additionalProperties: text({ maxLength: 4096 }) },
      parametersRef: object({ 'group!': group(), 'kind!': kind(), 'name!': name() }),
    }),
  }),
  status: object({
    addresses: listOf(address(), 16),
    conditions: { ...conditions(), default: pending('Accepted', 'Programmed') },
    listeners: listBy(['name'], object({
      'name!': sectionName(), 'attachedRoutes!': number(0, 2_147_483_647), 'conditions!': conditions(), 'supportedKinds!': listOf(object({ group: group(GROUP), 'kind!': kind() }), 8),
    }), 64),
  }, { default: { conditions: pending('Accepted', 'Programmed') } }),
}, { description: 'A place where requests come in.' });

/** gateway.networking.k8s.io/v1beta1 ReferenceGrant (apis/v1beta1/referencegrant_types.go). */
export const referenceGrant: Schema = object({
  spec: object({
    'from!': listOf(object({ 'group!': group(), 'kind!': kind(), 'namespace!': namespace() }), 16, { minItems: 1 }),
    'to!': listOf(object({ 'group!': group(), 'kind!': kind(), name: name() }), 16, { minItems: 1 }),
  }),
}, { description: 'Lets objects of other namespaces refer to objects of this one.' });
