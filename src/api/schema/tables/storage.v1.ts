import { table } from '../table.ts';

/** Messages of storage/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('storage/v1', `
enum VolumeBindingMode Immediate WaitForFirstConsumer

StorageClass kind # A kind of storage, and who provides it.
  1 metadata meta/v1.ObjectMeta
  2 provisioner string !
  3 parameters {string}
  4 reclaimPolicy ?core/v1.PersistentVolumeReclaimPolicy
  5 mountOptions []string atomic
  6 allowVolumeExpansion ?bool
  7 volumeBindingMode ?VolumeBindingMode
  8 allowedTopologies []core/v1.TopologySelectorTerm atomic

VolumeAttachment kind
  1 metadata meta/v1.ObjectMeta
  2 spec VolumeAttachmentSpec !
  3 status VolumeAttachmentStatus

VolumeAttachmentSpec
  1 attacher string !
  2 source VolumeAttachmentSource !
  3 nodeName string !

VolumeAttachmentSource
  1 persistentVolumeName ?string
  2 inlineVolumeSpec ?core/v1.PersistentVolumeSpec

VolumeAttachmentStatus
  1 attached bool !
  2 attachmentMetadata {string}
  3 attachError ?VolumeError
  4 detachError ?VolumeError

VolumeError
  1 time Time
  2 message string
  3 errorCode ?int32

CSINode kind
  1 metadata meta/v1.ObjectMeta
  2 spec CSINodeSpec !

CSINodeSpec
  1 drivers []CSINodeDriver ! map(name) merge(name)

CSINodeDriver
  1 name string !
  2 nodeID string !
  3 topologyKeys []string = atomic
  4 allocatable ?VolumeNodeResources

VolumeNodeResources
  1 count ?int32

CSIDriver kind
  1 metadata meta/v1.ObjectMeta
  2 spec CSIDriverSpec !

CSIDriverSpec
  1 attachRequired ?bool
  2 podInfoOnMount ?bool
  3 volumeLifecycleModes []string set
  4 storageCapacity ?bool
  5 fsGroupPolicy ?string
  6 tokenRequests []TokenRequest atomic
  7 requiresRepublish ?bool
  8 seLinuxMount ?bool
  9 nodeAllocatableUpdatePeriodSeconds ?int64

TokenRequest
  1 audience string !
  2 expirationSeconds ?int64

CSIStorageCapacity kind
  1 metadata meta/v1.ObjectMeta
  2 nodeTopology ?meta/v1.LabelSelector
  3 storageClassName string !
  4 capacity ?Quantity
  5 maximumVolumeSize ?Quantity
`);
