import { erase } from '../../kind.ts';
import { deployment } from './deployment.ts';
import { replicaSet } from './replica-set.ts';
import { statefulSet } from './stateful-set.ts';
import { daemonSet } from './daemon-set.ts';
import { controllerRevision } from './controller-revision.ts';

/** The kinds of the apps group, in the order discovery lists them. */
export const appsKinds = [
  erase(deployment),
  erase(replicaSet),
  erase(statefulSet),
  erase(daemonSet),
  erase(controllerRevision),
];
