import { table } from '../table.ts';

/** Messages of authorization/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('authorization/v1', `
SubjectAccessReview kind
  1 metadata meta/v1.ObjectMeta
  2 spec SubjectAccessReviewSpec !
  3 status SubjectAccessReviewStatus

SubjectAccessReviewSpec
  1 resourceAttributes ?ResourceAttributes
  2 nonResourceAttributes ?NonResourceAttributes
  3 user string
  4 groups []string atomic
  5 extra {ExtraValue}
  6 uid string

ResourceAttributes
  1 namespace string
  2 verb string
  3 group string
  4 version string
  5 resource string
  6 subresource string
  7 name string
  8 fieldSelector ?FieldSelectorAttributes
  9 labelSelector ?LabelSelectorAttributes

FieldSelectorAttributes
  1 rawSelector string
  2 requirements []meta/v1.FieldSelectorRequirement atomic

LabelSelectorAttributes
  1 rawSelector string
  2 requirements []meta/v1.LabelSelectorRequirement atomic

NonResourceAttributes
  1 path string
  2 verb string

SubjectAccessReviewStatus
  1 allowed bool !
  4 denied bool
  2 reason string
  3 evaluationError string

LocalSubjectAccessReview kind
  1 metadata meta/v1.ObjectMeta
  2 spec SubjectAccessReviewSpec !
  3 status SubjectAccessReviewStatus

SelfSubjectAccessReview kind
  1 metadata meta/v1.ObjectMeta
  2 spec SelfSubjectAccessReviewSpec !
  3 status SubjectAccessReviewStatus

SelfSubjectAccessReviewSpec
  1 resourceAttributes ?ResourceAttributes
  2 nonResourceAttributes ?NonResourceAttributes

SelfSubjectRulesReview kind
  1 metadata meta/v1.ObjectMeta
  2 spec SelfSubjectRulesReviewSpec !
  3 status SubjectRulesReviewStatus

SelfSubjectRulesReviewSpec
  1 namespace string

SubjectRulesReviewStatus
  1 resourceRules []ResourceRule ! atomic
  2 nonResourceRules []NonResourceRule ! atomic
  3 incomplete bool !
  4 evaluationError string

ResourceRule
  1 verbs []string ! atomic
  2 apiGroups []string atomic
  3 resources []string atomic
  4 resourceNames []string atomic

NonResourceRule
  1 verbs []string ! atomic
  2 nonResourceURLs []string atomic
`);
