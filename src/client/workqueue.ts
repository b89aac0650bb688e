/**
 * client-go's rate-limiting work queue. A key that is added while it waits is not doubled; added while it is being worked on, it is worked on again afterwards; never two workers on
 * one key.
 */
export interface WorkQueue {
  add(key: string): void;
  /** Adds after a delay; the earliest due time wins when it already waits for one. */
  addAfter(key: string, ms: number): void;
  /** Adds after the key's back-off: 5 ms doubling to 1,000 s (client-go's default controller rate limiter, without the overall bucket). */
  addRateLimited(key: string): void;
  /** Forgets the key's failures. */
  forget(key: string): void;
  failures(key: string): number;
  readonly length: number;
  shutDown(): void;
}
