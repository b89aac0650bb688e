import type { TokenReview } from '../../types/authentication.v1.ts';
import { defineKind, resourceOf } from '../../kind.ts';

export const tokenReview = defineKind<TokenReview>({
  kind: 'TokenReview',
  plural: 'tokenreviews',
  singular: 'tokenreview',
  namespaced: false,
  storage: { group: 'authentication.k8s.io', version: 'v1', message: 'authentication/v1.TokenReview' },
  verbs: ['create'],
});

export const TokenReviews = resourceOf(tokenReview);
