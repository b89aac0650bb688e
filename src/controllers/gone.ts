import { isReason } from '../api/errors.ts';

/** For `.catch` of a change: that its object is gone is as good. */
export function unlessGone(error: unknown): undefined {
  if (!isReason(error, 'NotFound')) throw error;
}

/** For `.catch` of a change that names a uid: that its object is gone, or another one has its name by now, is as good. */
export function unlessReplaced(error: unknown): undefined {
  if (!isReason(error, 'Conflict')) unlessGone(error);
}
