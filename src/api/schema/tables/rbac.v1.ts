import { table } from '../table.ts';

/** Messages of rbac/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('rbac/v1', `
Role kind
  1 metadata meta/v1.ObjectMeta
  2 rules []PolicyRule = atomic

PolicyRule
  1 verbs []string ! atomic
  2 apiGroups []string atomic
  3 resources []string atomic
  4 resourceNames []string atomic
  5 nonResourceURLs []string atomic

RoleBinding kind
  1 metadata meta/v1.ObjectMeta
  2 subjects []Subject atomic
  3 roleRef RoleRef !

Subject atomic
  1 kind string !
  2 apiGroup string
  3 name string !
  4 namespace string

RoleRef atomic
  1 apiGroup string !
  2 kind string !
  3 name string !

ClusterRole kind
  1 metadata meta/v1.ObjectMeta
  2 rules []PolicyRule = atomic
  3 aggregationRule ?AggregationRule

AggregationRule
  1 clusterRoleSelectors []meta/v1.LabelSelector atomic

ClusterRoleBinding kind
  1 metadata meta/v1.ObjectMeta
  2 subjects []Subject atomic
  3 roleRef RoleRef !
`);
