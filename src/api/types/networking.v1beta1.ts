// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

/** Routes HTTP from outside to services. */
export interface Ingress {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: IngressSpec;
  status?: IngressStatus;
}

export interface IngressSpec {
  /** Ingress class that serves this. */
  ingressClassName?: string;
  backend?: IngressBackend;
  /** Certificates. */
  tls?: IngressTLS[];
  /** Hosts and paths, and where they go. */
  rules?: IngressRule[];
}

export interface IngressBackend {
  serviceName?: string;
  servicePort?: number | string;
  resource?: coreV1.TypedLocalObjectReference;
}

export interface IngressTLS {
  /** Hosts of the certificate. */
  hosts?: string[];
  /** Secret with the certificate. */
  secretName?: string;
}

export interface IngressRule extends IngressRuleValue {
  /** Host name; empty matches all, *.NAME one label. */
  host?: string;
}

export interface IngressRuleValue {
  http?: HTTPIngressRuleValue;
}

export interface HTTPIngressRuleValue {
  paths?: HTTPIngressPath[];
}

export interface HTTPIngressPath {
  /** Path to match. */
  path?: string;
  /** Exact, Prefix or ImplementationSpecific. */
  pathType?: string;
  /** Where matching requests go. */
  backend?: IngressBackend;
}

export interface IngressStatus {
  loadBalancer?: IngressLoadBalancerStatus;
}

export interface IngressLoadBalancerStatus {
  ingress?: IngressLoadBalancerIngress[];
}

export interface IngressLoadBalancerIngress {
  ip?: string;
  hostname?: string;
  ports?: IngressPortStatus[];
}

export interface IngressPortStatus {
  port?: number;
  protocol?: coreV1.Protocol;
  error?: string;
}

export interface IngressClass {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: IngressClassSpec;
}

export interface IngressClassSpec {
  controller?: string;
  parameters?: IngressClassParametersReference;
}

export interface IngressClassParametersReference {
  apiGroup?: string;
  kind?: string;
  name?: string;
  scope?: string;
  namespace?: string;
}
