import { table } from '../table.ts';

/** Messages of meta/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('meta/v1', `
ObjectMeta
  1 name string
  2 generateName string
  3 namespace string
  4 selfLink string
  5 uid string
  6 resourceVersion string
  7 generation int64
  8 creationTimestamp Time
  9 deletionTimestamp ?Time
  10 deletionGracePeriodSeconds ?int64
  11 labels {string}
  12 annotations {string}
  13 ownerReferences []OwnerReference map(uid) merge(uid)
  14 finalizers []string set merge
  17 managedFields []ManagedFieldsEntry atomic

OwnerReference atomic
  5 apiVersion string !
  1 kind string !
  3 name string !
  4 uid string !
  6 controller ?bool
  7 blockOwnerDeletion ?bool

ManagedFieldsEntry
  1 manager string
  2 operation string
  3 apiVersion string
  4 time ?Time
  6 fieldsType string
  7 fieldsV1 ?Fields
  8 subresource string

LabelSelector atomic
  1 matchLabels {string}
  2 matchExpressions []LabelSelectorRequirement atomic

LabelSelectorRequirement
  1 key string !
  2 operator string !
  3 values []string atomic

Condition
  1 type string !
  2 status string !
  3 observedGeneration int64
  4 lastTransitionTime Time !
  5 reason string !
  6 message string !

DeleteOptions kind
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

Status kind
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
