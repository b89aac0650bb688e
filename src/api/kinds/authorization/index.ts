import { erase } from '../../kind.ts';
import { subjectAccessReview } from './subject-access-review.ts';
import { localSubjectAccessReview } from './local-subject-access-review.ts';
import { selfSubjectAccessReview } from './self-subject-access-review.ts';
import { selfSubjectRulesReview } from './self-subject-rules-review.ts';

/** The kinds of the authorization group, in the order discovery lists them. */
export const authorizationKinds = [
  erase(subjectAccessReview),
  erase(localSubjectAccessReview),
  erase(selfSubjectAccessReview),
  erase(selfSubjectRulesReview),
];
