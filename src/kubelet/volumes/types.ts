import type { Container, Pod } from '../../api/types/core.v1.ts';
import type { Mount } from '../runtime/runtime.ts';

/** The volumes of this node's pods. */
export interface Volumes {
  /** Makes the pod's volumes ready, or finds them so. Rejects with VolumeError when one cannot be (yet). */
  mount(pod: Pod): Promise<void>;
  /** Writes the pod's files again: one of their sources changed. Nothing happens when it is not mounted. */
  update(podUid: string): Promise<void>;
  /** What a container sees of them. `lookup` gives the variables of a subPathExpr. Rejects with an Error whose text is the container's waiting message. */
  mounts(pod: Pod, container: Container, lookup: (name: string) => string | undefined): Promise<Mount[]>;
  /** Takes everything away again. Idempotent. */
  unmount(podUid: string): Promise<void>;
  /** Bytes that the pod's emptyDir volumes hold, by volume name. */
  emptyDirUsage(pod: Pod): Promise<ReadonlyMap<string, number>>;
  /** Removes what is left of pods other than these. */
  removeOrphans(podUids: ReadonlySet<string>): Promise<void>;
  stop(): Promise<void>;
}

/** What was being done when a volume could not be had, in the words that its event begins with (operation_generator.go). */
export type VolumeStep = 'MountVolume.SetUp failed' | 'MountVolume.NewMounter initialization failed' | 'MapVolume.SetUp failed';

/** A step that failed for a volume that is not called what the pod calls it: a PersistentVolume. */
export class StepError extends Error {
  readonly step: VolumeStep;
  readonly volume: string;

  constructor(step: VolumeStep, volume: string, message: string) {
    super(message);
    this.name = 'StepError';
    this.step = step;
    this.volume = volume;
  }
}

/** Volumes that could not be made ready, each with why. */
export class VolumeError extends Error {
  readonly failures: readonly { readonly volume: string; readonly message: string }[];

  constructor(failures: VolumeError['failures']) {
    super(failures.map((f) => f.message).join('; '));
    this.name = 'VolumeError';
    this.failures = failures;
  }
}
