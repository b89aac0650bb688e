import type { LocalSubjectAccessReview } from '../../types/authorization.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const localSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  singular: 'localsubjectaccessreview',
  namespaced: true,
  storage: { group: 'authorization.k8s.io', version: 'v1', message: 'authorization/v1.LocalSubjectAccessReview' },
  verbs: ['create'],
});

export const LocalSubjectAccessReviews = resourceOf(localSubjectAccessReview);
