/** The annotations and finalizers that binding leaves on claims and volumes (component-helpers storage/volume pv_helpers.go). */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
export const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
export const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
export const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
/** Which provisioner a claim waits for; others read it, so the old name is written too. */
export const CLAIM_PROVISIONER = ['volume.beta.kubernetes.io/storage-provisioner', 'volume.kubernetes.io/storage-provisioner'] as const;
/** Keeps a provisioned volume that somebody deleted until its data is deleted, too (sig-storage-lib-external-provisioner). */
export const DATA_FINALIZER = 'external-provisioner.volume.kubernetes.io/finalizer';
