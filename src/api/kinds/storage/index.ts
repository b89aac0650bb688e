import { erase } from '../../kind.ts';
import { storageClass } from './storage-class.ts';
import { volumeAttachment } from './volume-attachment.ts';
import { csiNode } from './csi-node.ts';
import { csiDriver } from './csi-driver.ts';
import { csiStorageCapacity } from './csi-storage-capacity.ts';

/** The kinds of the storage group, in the order discovery lists them. */
export const storageKinds = [
  erase(storageClass),
  erase(volumeAttachment),
  erase(csiNode),
  erase(csiDriver),
  erase(csiStorageCapacity),
];
