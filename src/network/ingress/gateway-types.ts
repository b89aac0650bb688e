import type { KubeObject, ResourceType } from '../../api/object.ts';
import type { Condition, LabelSelector } from '../../api/types/meta.v1.ts';

/** As much of the Gateway API (gateway.networking.k8s.io/v1, custom resources) as is acted on. Everything is optional: nothing but its CRD's schema has checked it. */
export interface Gateway extends KubeObject {
  spec?: { gatewayClassName?: string; listeners?: GatewayListener[] };
  status?: { addresses?: { type?: string; value: string }[]; conditions?: Condition[]; listeners?: unknown[] };
}

export interface GatewayListener {
  name: string;
  port?: number;
  protocol?: string;
  hostname?: string;
  tls?: { mode?: string; certificateRefs?: CertificateRef[]; options?: Record<string, string> };
  allowedRoutes?: { namespaces?: { from?: string; selector?: LabelSelector }; kinds?: { group?: string; kind: string }[] };
}

export interface CertificateRef {
  group?: string;
  kind?: string;
  name: string;
  namespace?: string;
}

/** Lets objects of the namespaces in `from` refer to those in `to`, which are in its own. */
export interface ReferenceGrant extends KubeObject {
  spec?: { from?: { group?: string; kind?: string; namespace?: string }[]; to?: { group?: string; kind?: string; name?: string }[] };
}

export interface GatewayClass extends KubeObject {
  spec?: { controllerName?: string };
  status?: { conditions?: Condition[] };
}

export interface HttpRoute extends KubeObject {
  spec?: { parentRefs?: ParentRef[]; hostnames?: string[]; rules?: HttpRouteRule[] };
  status?: { parents?: { parentRef: ParentRef; controllerName: string; conditions?: Condition[] }[] };
}

export interface GrpcRoute extends KubeObject {
  spec?: { parentRefs?: ParentRef[]; hostnames?: string[]; rules?: GrpcRouteRule[] };
  status?: HttpRoute['status'];
}

export interface GrpcRouteRule {
  matches?: { method?: GrpcMethodMatch; headers?: NamedMatch[] }[];
  filters?: HttpRouteFilter[];
  backendRefs?: HttpBackendRef[];
}

export interface GrpcMethodMatch {
  type?: string;
  service?: string;
  method?: string;
}

export interface ParentRef {
  group?: string;
  kind?: string;
  namespace?: string;
  name: string;
  sectionName?: string;
  port?: number;
}

export interface HttpRouteRule {
  matches?: HttpRouteMatch[];
  filters?: HttpRouteFilter[];
  backendRefs?: HttpBackendRef[];
  timeouts?: { request?: string; backendRequest?: string };
}

export interface HttpRouteMatch {
  path?: { type?: string; value?: string };
  headers?: NamedMatch[];
  queryParams?: NamedMatch[];
  method?: string;
}

export interface NamedMatch {
  type?: string;
  name: string;
  value: string;
}

export interface HttpBackendRef {
  group?: string;
  kind?: string;
  name: string;
  namespace?: string;
  port?: number;
  weight?: number;
  filters?: HttpRouteFilter[];
}

export interface HttpRouteFilter {
  type: string;
  requestHeaderModifier?: HeaderModifier;
  responseHeaderModifier?: HeaderModifier;
  requestRedirect?: { scheme?: 'http' | 'https'; hostname?: string; port?: number; path?: PathModifier; statusCode?: number };
  requestMirror?: { backendRef?: HttpBackendRef; percent?: number; fraction?: { numerator: number; denominator?: number } };
  urlRewrite?: { hostname?: string; path?: PathModifier };
}

export interface HeaderModifier {
  set?: { name: string; value: string }[];
  add?: { name: string; value: string }[];
  remove?: string[];
}

export interface PathModifier {
  type?: string;
  replaceFullPath?: string;
  replacePrefixMatch?: string;
}

export const GROUP = 'gateway.networking.k8s.io';
export const GatewayClasses: ResourceType<GatewayClass> = { group: GROUP, version: 'v1', kind: 'GatewayClass', plural: 'gatewayclasses', namespaced: false };
export const Gateways: ResourceType<Gateway> = { group: GROUP, version: 'v1', kind: 'Gateway', plural: 'gateways', namespaced: true };
export const HttpRoutes: ResourceType<HttpRoute> = { group: GROUP, version: 'v1', kind: 'HTTPRoute', plural: 'httproutes', namespaced: true };
export const GrpcRoutes: ResourceType<GrpcRoute> = { group: GROUP, version: 'v1', kind: 'GRPCRoute', plural: 'grpcroutes', namespaced: true };
export const ReferenceGrants: ResourceType<ReferenceGrant> = { group: GROUP, version: 'v1beta1', kind: 'ReferenceGrant', plural: 'referencegrants', namespaced: true };
