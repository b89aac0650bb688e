import { table } from '../table.ts';

/** Messages of scheduling/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('scheduling/v1', `
PriorityClass kind # Names a priority.
  1 metadata meta/v1.ObjectMeta
  2 value int32 ! # The priority; higher is more important.
  3 globalDefault bool
  4 description string
  5 preemptionPolicy ?core/v1.PreemptionPolicy
`);
