// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as coreV1 from './core.v1.ts';
import type * as metaV1 from './meta.v1.ts';

/** Keeps a number of equal pods running and rolls out changes. */
export interface Deployment {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** What should run. */
  spec: DeploymentSpec;
  /** How far it is. */
  status?: DeploymentStatus;
}

/** What a deployment keeps running. */
export interface DeploymentSpec {
  /** Number of pods. Default 1. */
  replicas?: number;
  /** Which pods belong to it; must match the template's labels. */
  selector?: metaV1.LabelSelector;
  /** The pods to create. */
  template?: coreV1.PodTemplateSpec;
  /** How old pods give way to new ones. */
  strategy?: DeploymentStrategy;
  /** Seconds a pod must be ready to count as available. Default 0. */
  minReadySeconds?: number;
  /** Old ReplicaSets kept for rollback. Default 10. */
  revisionHistoryLimit?: number;
  /** Whether changes wait. */
  paused?: boolean;
  rollbackTo?: RollbackConfig;
  /** Seconds without progress that count as failure. Default 600. */
  progressDeadlineSeconds?: number;
}

/** How old pods give way to new ones. */
export interface DeploymentStrategy {
  /** RollingUpdate (default) or Recreate. */
  type?: string;
  /** Numbers for RollingUpdate. */
  rollingUpdate?: RollingUpdateDeployment;
}

/** Numbers of a rolling update. */
export interface RollingUpdateDeployment {
  /** Pods that may be missing, a number or a percentage. Default 25%. */
  maxUnavailable?: number | string;
  /** Pods that may be too many, a number or a percentage. Default 25%. */
  maxSurge?: number | string;
}

export interface RollbackConfig {
  revision?: number;
}

export interface DeploymentStatus {
  observedGeneration?: number;
  /** Pods there are. */
  replicas?: number;
  /** Pods of the newest template. */
  updatedReplicas?: number;
  /** Pods that are ready. */
  readyReplicas?: number;
  /** Pods that have been ready for minReadySeconds. */
  availableReplicas?: number;
  /** Pods still missing. */
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  /** Available, Progressing, ReplicaFailure. */
  conditions?: DeploymentCondition[];
  collisionCount?: number;
}

export interface DeploymentCondition {
  type?: string;
  status?: string;
  lastUpdateTime?: string | null;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

/** Keeps a number of equal pods running. */
export interface ReplicaSet {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: ReplicaSetSpec;
  status?: ReplicaSetStatus;
}

export interface ReplicaSetSpec {
  /** Number of pods. Default 1. */
  replicas?: number;
  minReadySeconds?: number;
  /** Which pods belong to it. */
  selector?: metaV1.LabelSelector;
  /** The pods to create. */
  template?: coreV1.PodTemplateSpec;
}

export interface ReplicaSetStatus {
  replicas?: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  observedGeneration?: number;
  conditions?: ReplicaSetCondition[];
}

export interface ReplicaSetCondition {
  type?: string;
  status?: string;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

/** One pod on every matching node. */
export interface DaemonSet {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: DaemonSetSpec;
  status?: DaemonSetStatus;
}

export interface DaemonSetSpec {
  /** Which pods belong to it. */
  selector?: metaV1.LabelSelector;
  /** The pod to create. */
  template?: coreV1.PodTemplateSpec;
  /** How changes are rolled out. */
  updateStrategy?: DaemonSetUpdateStrategy;
  minReadySeconds?: number;
  templateGeneration?: number;
  revisionHistoryLimit?: number;
}

export interface DaemonSetUpdateStrategy {
  type?: string;
  rollingUpdate?: RollingUpdateDaemonSet;
}

export interface RollingUpdateDaemonSet {
  maxUnavailable?: number | string;
  maxSurge?: number | string;
}

export interface DaemonSetStatus {
  currentNumberScheduled?: number;
  numberMisscheduled?: number;
  desiredNumberScheduled?: number;
  numberReady?: number;
  observedGeneration?: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  numberUnavailable?: number;
  collisionCount?: number;
  conditions?: DaemonSetCondition[];
}

export interface DaemonSetCondition {
  type?: string;
  status?: string;
  lastTransitionTime?: string | null;
  reason?: string;
  message?: string;
}

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

/** Which traffic pods may receive and send. */
export interface NetworkPolicy {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: NetworkPolicySpec;
}

export interface NetworkPolicySpec {
  /** Pods the policy is for. */
  podSelector?: metaV1.LabelSelector;
  /** What may come in. */
  ingress?: NetworkPolicyIngressRule[];
  /** What may go out. */
  egress?: NetworkPolicyEgressRule[];
  policyTypes?: string[];
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
  cidr?: string;
  except?: string[];
}

export interface NetworkPolicyEgressRule {
  ports?: NetworkPolicyPort[];
  to?: NetworkPolicyPeer[];
}

/** The number of replicas of an object. */
export interface Scale {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  spec: ScaleSpec;
  status?: ScaleStatus;
}

export interface ScaleSpec {
  /** Number wanted. */
  replicas?: number;
}

export interface ScaleStatus {
  replicas?: number;
  selector?: Record<string, string>;
  targetSelector?: string;
}
