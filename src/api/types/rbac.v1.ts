// Generated from src/api/schema/tables by `npm run generate`. Do not edit.
import type * as metaV1 from './meta.v1.ts';

/** Rights within a namespace. */
export interface Role {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** The rights. */
  rules?: PolicyRule[];
}

export interface PolicyRule {
  /** What may be done; * is everything. */
  verbs: string[];
  /** In which groups; the empty string is the core group. */
  apiGroups?: string[];
  /** With which resources; pods/log names a subresource. */
  resources?: string[];
  /** With which objects; empty: all. */
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** Gives a role's rights to users, groups and service accounts in a namespace. */
export interface RoleBinding {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** Who. */
  subjects?: Subject[];
  /** Which role. */
  roleRef: RoleRef;
}

export interface Subject {
  kind: string;
  apiGroup?: string;
  name: string;
  namespace?: string;
}

export interface RoleRef {
  apiGroup: string;
  kind: string;
  name: string;
}

/** Rights in the whole cluster. */
export interface ClusterRole {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  /** The rights. */
  rules?: PolicyRule[];
  aggregationRule?: AggregationRule;
}

export interface AggregationRule {
  clusterRoleSelectors?: metaV1.LabelSelector[];
}

/** Gives a role's rights to users, groups and service accounts everywhere. */
export interface ClusterRoleBinding {
  apiVersion: string;
  kind: string;
  metadata: metaV1.ObjectMeta;
  subjects?: Subject[];
  roleRef: RoleRef;
}
