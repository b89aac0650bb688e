import type { Pod } from '../../api/types/core.v1.ts';
import type { Streams } from '../types.ts';

/** An exec, attach or port-forward that may be done; what the apiserver hands over with an upgraded connection. */
export interface StreamRequest {
  readonly kind: 'exec' | 'attach' | 'portforward';
  readonly pod: Pod;
  /** The streams of the pod's node. */
  readonly node: Pick<Streams, 'exec' | 'attach' | 'portForward'>;
  /** exec: the command, in order. */
  readonly command: readonly string[];
  readonly container?: string;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** portforward over WebSocket v4: the ports in the query. */
  readonly ports: readonly number[];
}
