import type { SelfSubjectAccessReview } from '../../types/authorization.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const selfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  storage: { group: 'authorization.k8s.io', version: 'v1', message: 'authorization/v1.SelfSubjectAccessReview' },
  verbs: ['create'],
});

export const SelfSubjectAccessReviews = resourceOf(selfSubjectAccessReview);
