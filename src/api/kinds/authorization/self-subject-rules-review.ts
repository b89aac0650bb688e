import type { SelfSubjectRulesReview } from '../../types/authorization.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const selfSubjectRulesReview = defineKind<SelfSubjectRulesReview>({
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  singular: 'selfsubjectrulesreview',
  namespaced: false,
  storage: { group: 'authorization.k8s.io', version: 'v1', message: 'authorization/v1.SelfSubjectRulesReview' },
  verbs: ['create'],
});

export const SelfSubjectRulesReviews = resourceOf(selfSubjectRulesReview);
