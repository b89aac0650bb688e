import type { SubjectAccessReview } from '../../types/authorization.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const subjectAccessReview = defineKind<SubjectAccessReview>({
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  singular: 'subjectaccessreview',
  namespaced: false,
  storage: { group: 'authorization.k8s.io', version: 'v1', message: 'authorization/v1.SubjectAccessReview' },
  verbs: ['create'],
});

export const SubjectAccessReviews = resourceOf(subjectAccessReview);
