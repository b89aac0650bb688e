import { table } from '../table.ts';

/** Messages of coordination/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('coordination/v1', `
Lease kind # A claim that must be renewed, for elections and heartbeats.
  1 metadata meta/v1.ObjectMeta
  2 spec LeaseSpec

LeaseSpec
  1 holderIdentity ?string
  2 leaseDurationSeconds ?int32
  3 acquireTime ?MicroTime
  4 renewTime ?MicroTime
  5 leaseTransitions ?int32
  6 strategy ?string
  7 preferredHolder ?string
`);
