import type { SelfSubjectReview } from '../../types/authentication.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const selfSubjectReview = defineKind<SelfSubjectReview>({
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  namespaced: false,
  storage: { group: 'authentication.k8s.io', version: 'v1', message: 'authentication/v1.SelfSubjectReview' },
  verbs: ['create'],
});

export const SelfSubjectReviews = resourceOf(selfSubjectReview);
