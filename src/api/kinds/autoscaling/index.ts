import { erase } from '../../kind.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';

/** The kinds of the autoscaling group, in the order discovery lists them. */
export const autoscalingKinds = [
  erase(horizontalPodAutoscaler),
];
