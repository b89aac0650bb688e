import { table } from '../table.ts';

/** Messages of authentication/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('authentication/v1', `
TokenReview kind
  1 metadata meta/v1.ObjectMeta
  2 spec TokenReviewSpec !
  3 status TokenReviewStatus

TokenReviewSpec
  1 token string
  2 audiences []string atomic

TokenReviewStatus
  1 authenticated bool
  2 user UserInfo
  4 audiences []string atomic
  3 error string

UserInfo
  1 username string
  2 uid string
  3 groups []string atomic
  4 extra {ExtraValue}

TokenRequest kind
  1 metadata meta/v1.ObjectMeta
  2 spec TokenRequestSpec !
  3 status TokenRequestStatus

TokenRequestSpec
  1 audiences []string ! atomic
  4 expirationSeconds ?int64
  3 boundObjectRef ?BoundObjectReference

BoundObjectReference
  1 kind string
  2 apiVersion string
  3 name string
  4 uid string

TokenRequestStatus
  1 token string !
  2 expirationTimestamp Time !

SelfSubjectReview kind
  1 metadata meta/v1.ObjectMeta
  2 status SelfSubjectReviewStatus

SelfSubjectReviewStatus
  1 userInfo UserInfo
`);
