import { table } from '../table.ts';

/** Messages of meta/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('meta/v1', `
ObjectMeta # What every object has: its name, labels, annotations and what the server keeps about it.
  1 name string # Unique within its kind and namespace; cannot change.
  2 generateName string # Prefix from which the server makes a unique name, when name is empty.
  3 namespace string # Namespace the object lives in; empty for cluster-wide kinds.
  4 selfLink string
  5 uid string # Tells this object from all others, past and future; set by the server.
  6 resourceVersion string # Opaque version of the object, for watches and for detecting lost updates.
  7 generation int64 # Counts changes of the desired state.
  8 creationTimestamp Time # CreationTimestamp is a timestamp: when the server created the object.
  9 deletionTimestamp ?Time # When the object will be deleted; set by the server after a graceful deletion was asked for.
  10 deletionGracePeriodSeconds ?int64 # Seconds the object has to end by itself once deletion was asked for.
  11 labels {string} # Keys and values to organise and select objects by.
  12 annotations {string} # Keys and values that tools keep with the object; not for selecting.
  13 ownerReferences []OwnerReference map(uid) merge(uid) # Objects this one depends on; it is deleted when all of them are gone.
  14 finalizers []string set merge # What must be done before the object may go; deletion waits until the list is empty.
  17 managedFields []ManagedFieldsEntry atomic # Who owns which fields, for server-side apply.

OwnerReference atomic # Names an owner in the same namespace, or a cluster-wide one.
  5 apiVersion string !
  1 kind string !
  3 name string !
  4 uid string !
  6 controller ?bool # Whether this owner is the managing controller.
  7 blockOwnerDeletion ?bool # Whether the owner's foreground deletion waits for this object.

ManagedFieldsEntry
  1 manager string
  2 operation string
  3 apiVersion string
  4 time ?Time
  6 fieldsType string
  7 fieldsV1 ?Fields
  8 subresource string

LabelSelector atomic # Selects objects by their labels. All conditions must hold; an empty selector matches everything.
  1 matchLabels {string} # Labels that must have exactly these values.
  2 matchExpressions []LabelSelectorRequirement atomic # Conditions on labels.

LabelSelectorRequirement
  1 key string ! # The label.
  2 operator string ! # In, NotIn, Exists or DoesNotExist.
  3 values []string atomic # Values for In and NotIn; empty for Exists and DoesNotExist.

Condition # One aspect of the current state.
  1 type string !
  2 status string ! # True, False or Unknown.
  3 observedGeneration int64
  4 lastTransitionTime Time !
  5 reason string ! # Why, in one CamelCase word.
  6 message string ! # Why, for people.

DeleteOptions kind # How to delete an object.
  1 gracePeriodSeconds ?int64
  2 preconditions ?Preconditions
  3 orphanDependents ?bool
  4 propagationPolicy ?string
  5 dryRun []string atomic
  6 ignoreStoreReadErrorWithClusterBreakingPotential ?bool

Preconditions
  1 uid ?string
  2 resourceVersion ?string

FieldSelectorRequirement
  1 key string !
  2 operator string !
  3 values []string atomic

Status kind # The outcome of a request that returns no other object.
  1 metadata ListMeta
  2 status string
  3 message string
  4 reason string
  5 details ?StatusDetails atomic
  6 code int32

ListMeta
  1 selfLink string
  2 resourceVersion string
  3 continue string
  4 remainingItemCount ?int64

StatusDetails
  1 name string
  2 group string
  3 kind string
  6 uid string
  4 causes []StatusCause atomic
  5 retryAfterSeconds int32

StatusCause
  1 reason string
  2 message string
  3 field string

ListOptions
  1 labelSelector string
  2 fieldSelector string
  3 watch bool
  9 allowWatchBookmarks bool
  4 resourceVersion string
  10 resourceVersionMatch string
  5 timeoutSeconds ?int64
  7 limit int64
  8 continue string
  11 sendInitialEvents ?bool

CreateOptions
  1 dryRun []string atomic
  3 fieldManager string
  4 fieldValidation string

UpdateOptions
  1 dryRun []string atomic
  2 fieldManager string
  3 fieldValidation string

PatchOptions
  1 dryRun []string atomic
  2 force ?bool
  3 fieldManager string
  4 fieldValidation string

GetOptions
  1 resourceVersion string

APIGroup
  1 name string !
  2 versions []GroupVersionForDiscovery ! atomic
  3 preferredVersion GroupVersionForDiscovery
  4 serverAddressByClientCIDRs []ServerAddressByClientCIDR atomic

GroupVersionForDiscovery
  1 groupVersion string !
  2 version string !

ServerAddressByClientCIDR
  1 clientCIDR string !
  2 serverAddress string !

APIResource
  1 name string !
  6 singularName string !
  2 namespaced bool !
  8 group string
  9 version string
  3 kind string !
  4 verbs []string !
  5 shortNames []string atomic
  7 categories []string atomic
  10 storageVersionHash string

APIResourceList
  1 groupVersion string !
  2 resources []APIResource ! atomic

APIGroupList
  1 groups []APIGroup ! atomic

APIVersions
  1 versions []string ! atomic
  2 serverAddressByClientCIDRs []ServerAddressByClientCIDR ! atomic
`);
