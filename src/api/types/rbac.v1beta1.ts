// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

export interface Role {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  rules?: PolicyRule[];
}

export interface PolicyRule {
  verbs?: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

export interface RoleBinding {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  subjects?: Subject[];
  roleRef?: RoleRef;
}

export interface Subject {
  kind?: string;
  apiGroup?: string;
  name?: string;
  namespace?: string;
}

export interface RoleRef {
  apiGroup?: string;
  kind?: string;
  name?: string;
}

export interface ClusterRole {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  rules?: PolicyRule[];
  aggregationRule?: AggregationRule;
}

export interface AggregationRule {
  clusterRoleSelectors?: metaV1.LabelSelector[];
}

export interface ClusterRoleBinding {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  subjects?: Subject[];
  roleRef?: RoleRef;
}
