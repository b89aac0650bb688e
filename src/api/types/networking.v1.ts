// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';
export type PolicyType = 'Ingress' | 'Egress';

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
  /** Where everything else goes. */
  defaultBackend?: IngressBackend;
  /** Certificates. */
  tls?: IngressTLS[];
  /** Hosts and paths, and where they go. */
  rules?: IngressRule[];
}

export interface IngressBackend {
  service?: IngressServiceBackend;
  resource?: coreV1.TypedLocalObjectReference;
}

export interface IngressServiceBackend {
  /** The service. */
  name: string;
  /** Its port. */
  port?: ServiceBackendPort;
}

export interface ServiceBackendPort {
  name?: string;
  number?: number;
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
  paths: HTTPIngressPath[];
}

export interface HTTPIngressPath {
  /** Path to match. */
  path?: string;
  /** Exact, Prefix or ImplementationSpecific. */
  pathType: PathType;
  /** Where matching requests go. */
  backend: IngressBackend;
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
  port: number;
  protocol: coreV1.Protocol;
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
  kind: string;
  name: string;
  scope?: string;
  namespace?: string;
}

/** Which traffic pods may receive and send. */
export interface NetworkPolicy {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: NetworkPolicySpec;
}

export interface NetworkPolicySpec {
  /** Pods the policy is for. */
  podSelector: metaV1.LabelSelector;
  /** What may come in. */
  ingress?: NetworkPolicyIngressRule[];
  /** What may go out. */
  egress?: NetworkPolicyEgressRule[];
  policyTypes?: PolicyType[];
}

export interface NetworkPolicyIngressRule {
  ports?: NetworkPolicyPort[];
  from?: NetworkPolicyPeer[];
}

export interface NetworkPolicyPort {
  protocol?: coreV1.Protocol;
  port?: number | string;
  endPort?: number;
}

export interface NetworkPolicyPeer {
  podSelector?: metaV1.LabelSelector;
  namespaceSelector?: metaV1.LabelSelector;
  ipBlock?: IPBlock;
}

export interface IPBlock {
  cidr: string;
  except?: string[];
}

export interface NetworkPolicyEgressRule {
  ports?: NetworkPolicyPort[];
  to?: NetworkPolicyPeer[];
}

export interface IPAddress {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: IPAddressSpec;
}

export interface IPAddressSpec {
  parentRef: ParentReference;
}

export interface ParentReference {
  group?: string;
  resource: string;
  namespace?: string;
  name: string;
}

export interface ServiceCIDR {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: ServiceCIDRSpec;
  status?: ServiceCIDRStatus;
}

export interface ServiceCIDRSpec {
  cidrs?: string[];
}

export interface ServiceCIDRStatus {
  conditions?: metaV1.Condition[];
}
