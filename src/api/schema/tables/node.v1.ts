import { table } from '../table.ts';

/** Messages of node/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('node/v1', `
RuntimeClass kind
  1 metadata meta/v1.ObjectMeta
  2 handler string !
  3 overhead ?Overhead
  4 scheduling ?Scheduling

Overhead
  1 podFixed {Quantity}

Scheduling
  1 nodeSelector {string} atomicMap
  2 tolerations []core/v1.Toleration atomic
`);
