// Generated from src/api/schema/tables by `npm run generate`. Do not edit.

/** What every object has: its name, labels, annotations and what the server keeps about it. */
export interface ObjectMeta {
  /** Unique within its kind and namespace; cannot change. */
  name?: string;
  /** Prefix from which the server makes a unique name, when name is empty. */
  generateName?: string;
  /** Namespace the object lives in; empty for cluster-wide kinds. */
  namespace?: string;
  selfLink?: string;
  /** Tells this object from all others, past and future; set by the server. */
  uid?: string;
  /** Opaque version of the object, for watches and for detecting lost updates. */
  resourceVersion?: string;
  /** Counts changes of the desired state. */
  generation?: number;
  /** CreationTimestamp is a timestamp: when the server created the object. */
  creationTimestamp?: string | null;
  /** When the object will be deleted; set by the server after a graceful deletion was asked for. */
  deletionTimestamp?: string;
  /** Seconds the object has to end by itself once deletion was asked for. */
  deletionGracePeriodSeconds?: number;
  /** Keys and values to organise and select objects by. */
  labels?: Record<string, string>;
  /** Keys and values that tools keep with the object; not for selecting. */
  annotations?: Record<string, string>;
  /** Objects this one depends on; it is deleted when all of them are gone. */
  ownerReferences?: OwnerReference[];
  /** What must be done before the object may go; deletion waits until the list is empty. */
  finalizers?: string[];
  /** Who owns which fields, for server-side apply. */
  managedFields?: ManagedFieldsEntry[];
}

/** Names an owner in the same namespace, or a cluster-wide one. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  /** Whether this owner is the managing controller. */
  controller?: boolean;
  /** Whether the owner's foreground deletion waits for this object. */
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** Selects objects by their labels. All conditions must hold; an empty selector matches everything. */
export interface LabelSelector {
  /** Labels that must have exactly these values. */
  matchLabels?: Record<string, string>;
  /** Conditions on labels. */
  matchExpressions?: LabelSelectorRequirement[];
}

export interface LabelSelectorRequirement {
  /** The label. */
  key: string;
  /** In, NotIn, Exists or DoesNotExist. */
  operator: string;
  /** Values for In and NotIn; empty for Exists and DoesNotExist. */
  values?: string[];
}

/** One aspect of the current state. */
export interface Condition {
  type: string;
  /** True, False or Unknown. */
  status: string;
  observedGeneration?: number;
  lastTransitionTime: string;
  /** Why, in one CamelCase word. */
  reason: string;
  /** Why, for people. */
  message: string;
}

/** How to delete an object. */
export interface DeleteOptions {
  apiVersion: string;
  kind: string;
  gracePeriodSeconds?: number;
  preconditions?: Preconditions;
  orphanDependents?: boolean;
  propagationPolicy?: string;
  dryRun?: string[];
  ignoreStoreReadErrorWithClusterBreakingPotential?: boolean;
}

export interface Preconditions {
  uid?: string;
  resourceVersion?: string;
}

export interface FieldSelectorRequirement {
  key: string;
  operator: string;
  values?: string[];
}

/** The outcome of a request that returns no other object. */
export interface Status {
  apiVersion: string;
  kind: string;
  metadata?: ListMeta;
  status?: string;
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

export interface ListMeta {
  selfLink?: string;
  resourceVersion?: string;
  continue?: string;
  remainingItemCount?: number;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface ListOptions {
  labelSelector?: string;
  fieldSelector?: string;
  watch?: boolean;
  allowWatchBookmarks?: boolean;
  resourceVersion?: string;
  resourceVersionMatch?: string;
  timeoutSeconds?: number;
  limit?: number;
  continue?: string;
  sendInitialEvents?: boolean;
}

export interface CreateOptions {
  dryRun?: string[];
  fieldManager?: string;
  fieldValidation?: string;
}

export interface UpdateOptions {
  dryRun?: string[];
  fieldManager?: string;
  fieldValidation?: string;
}

export interface PatchOptions {
  dryRun?: string[];
  force?: boolean;
  fieldManager?: string;
  fieldValidation?: string;
}

export interface GetOptions {
  resourceVersion?: string;
}

export interface APIGroup {
  name: string;
  versions: GroupVersionForDiscovery[];
  preferredVersion?: GroupVersionForDiscovery;
  serverAddressByClientCIDRs?: ServerAddressByClientCIDR[];
}

export interface GroupVersionForDiscovery {
  groupVersion: string;
  version: string;
}

export interface ServerAddressByClientCIDR {
  clientCIDR: string;
  serverAddress: string;
}

export interface APIResource {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
  storageVersionHash?: string;
}

export interface APIResourceList {
  groupVersion: string;
  resources: APIResource[];
}

export interface APIGroupList {
  groups: APIGroup[];
}

export interface APIVersions {
  versions: string[];
  serverAddressByClientCIDRs: ServerAddressByClientCIDR[];
}
