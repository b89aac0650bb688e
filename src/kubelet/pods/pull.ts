/** Makes an image available as the pull policy says, with upstream's events and back-off (images/image_manager.go). */
import type { Container, Pod } from '../../api/types/core.v1.ts';
import { formatDuration } from '../../base/duration.ts';
import type { Clock } from '../../base/clock.ts';
import { ImageError, type ImageInfo, type ImageService, type RegistryAuth } from '../types.ts';
import { createBackoff } from './backoff.ts';

/** Why a container waits. `retryAt`: when it is worth another try. */
export class StartError extends Error {
  readonly reason: string;
  readonly retryAt: number | undefined;

  constructor(reason: string, message: string, retryAt?: number) {
    super(message);
    this.name = 'StartError';
    this.reason = reason;
    this.retryAt = retryAt;
  }
}

export type ContainerEvent = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

export interface Puller {
  /** Rejects with StartError: ErrImagePull, ImagePullBackOff, ErrImageNeverPull, InvalidImageName, ImageInspectError. */
  ensure(pod: Pod, container: Container, auths: readonly RegistryAuth[], event: ContainerEvent, signal: AbortSignal): Promise<ImageInfo>;
  /** The pod is gone: its back-offs are forgotten. */
  forget(podUid: string): void;
}

const MAX_SILENCE_MS = 10_000;

export function imagePuller(images: ImageService, clock: Clock): Puller {
  const backoff = createBackoff();
  const lastError = new Map<string, string>();
  const keys = new Map<string, Set<string>>();
  const pulling = new Map<string, Promise<ImageInfo>>();

  const pullOnce = (image: string, auths: readonly RegistryAuth[], signal: AbortSignal): Promise<ImageInfo> => {
    // Pods that want the same image with the same rights share one download.
    const key = JSON.stringify([image, auths]);
    const running = pulling.get(key);
    if (running) return running.catch(() => pullWith(images, image, auths, signal));
    const started = pullWith(images, image, auths, signal).finally(() => pulling.delete(key));
    pulling.set(key, started);
    return started;
  };

  const pull = async (pod: Pod, image: string, auths: readonly RegistryAuth[], present: ImageInfo | undefined, event: ContainerEvent, signal: AbortSignal): Promise<ImageInfo> => {
    const uid = pod.metadata.uid ?? '';
    const key = `${uid}_${image}`;
    if (backoff.waiting(key, clock.now())) {
      const text = `Back-off pulling image "${image}"`;
      if (backoff.announce(key, backoff.until(key))) {
        event('Normal', 'BackOff', text);
        event('Warning', 'Failed', 'Error: ImagePullBackOff');
      }
      const before = lastError.get(key);
      throw new StartError('ImagePullBackOff', before === undefined ? text : `${text}: ${before}`, backoff.until(key));
    }
    event('Normal', 'Pulling', `Pulling image "${image}"`);
    const began = clock.monotonic();
    try {
      const pulled = await pullOnce(image, auths, signal);
      const took = formatDuration(Math.round(clock.monotonic() - began));
      event('Normal', 'Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). Image size: ${pulled.sizeBytes} bytes.`);
      return pulled;
    } catch (error) {
      if (signal.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      if (present) {
        // Ours: a registry that cannot be reached does not stop what is already here from running.
        event('Warning', 'FailedToPull', `Failed to pull image "${image}": ${message}; starting the local image of this name`);
        return present;
      }
      event('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      const reason = error instanceof ImageError ? error.reason : 'ErrImagePull';
      backoff.next(key, clock.now());
      lastError.set(key, `${reason}: ${message}`);
      keys.set(uid, (keys.get(uid) ?? new Set()).add(key));
      // Soon enough to say ImagePullBackOff while it waits; the next pull is when the back-off is over.
      throw new StartError(reason, message, clock.now() + Math.min(backoff.get(key) / 2, MAX_SILENCE_MS));
    }
  };

  return {
    async ensure(pod, container, auths, event, signal) {
      const image = container.image ?? '';
      let present: ImageInfo | undefined;
      try {
        present = await images.status(image);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (error instanceof ImageError && error.reason === 'InvalidImageName') {
          const text = `Failed to apply default image tag "${image}": ${message}`;
          event('Warning', 'InspectFailed', text);
          throw new StartError('InvalidImageName', text);
        }
        const text = `Failed to inspect image "${image}": ${message}`;
        event('Warning', 'InspectFailed', text);
        throw new StartError('ImageInspectError', text, clock.now() + 10_000);
      }
      const policy = container.imagePullPolicy ?? 'IfNotPresent';
      if (policy === 'Never' && !present) {
        const text = `Container image "${image}" is not present with pull policy of Never`;
        event('Warning', 'ErrImageNeverPull', text);
        throw new StartError('ErrImageNeverPull', text, clock.now() + 10_000);
      }
      if (policy !== 'Always' && present) {
        event('Normal', 'Pulled', `Container image "${image}" already present on machine`);
        return present;
      }
      return pull(pod, image, auths, present, event, signal);
    },
    forget(uid) {
      for (const key of keys.get(uid) ?? []) {
        backoff.reset(key);
        lastError.delete(key);
      }
      keys.delete(uid);
    },
  };
}

/** With one set of credentials after the other, until one is let in (kuberuntime_image.go PullImage). */
async function pullWith(images: ImageService, image: string, auths: readonly RegistryAuth[], signal: AbortSignal): Promise<ImageInfo> {
  const failures: Error[] = [];
  for (const auth of auths.length > 0 ? auths : [undefined]) {
    try {
      return await images.pull(image, auth, signal);
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  const texts = [...new Set(failures.map(({ message }) => message))];
  const first = failures[0]!;
  throw texts.length === 1 ? first : new ImageError(first instanceof ImageError ? first.reason : 'ErrImagePull', `[${texts.join(', ')}]`);
}
