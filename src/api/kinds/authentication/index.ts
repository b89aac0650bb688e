import { erase } from '../../kind.ts';
import { tokenReview } from './token-review.ts';
import { selfSubjectReview } from './self-subject-review.ts';

/** The kinds of the authentication group, in the order discovery lists them. */
export const authenticationKinds = [
  erase(tokenReview),
  erase(selfSubjectReview),
];
