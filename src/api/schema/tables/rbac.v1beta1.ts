import { table } from '../table.ts';

/** Messages of rbac/v1beta1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('rbac/v1beta1', `
Role kind # Rights within a namespace.
  1 metadata meta/v1.ObjectMeta
  2 rules []PolicyRule = atomic # The rights.

PolicyRule
  1 verbs []string = atomic # What may be done; * is everything.
  2 apiGroups []string atomic # In which groups; the empty string is the core group.
  3 resources []string atomic # With which resources; pods/log names a subresource.
  4 resourceNames []string atomic # With which objects; empty: all.
  5 nonResourceURLs []string atomic

RoleBinding kind # Gives a role's rights to users, groups and service accounts in a namespace.
  1 metadata meta/v1.ObjectMeta
  2 subjects []Subject atomic # Who.
  3 roleRef RoleRef = # Which role.

Subject
  1 kind string =
  2 apiGroup string
  3 name string =
  4 namespace string

RoleRef
  1 apiGroup string =
  2 kind string =
  3 name string =

ClusterRole kind # Rights in the whole cluster.
  1 metadata meta/v1.ObjectMeta
  2 rules []PolicyRule = atomic # The rights.
  3 aggregationRule ?AggregationRule

AggregationRule
  1 clusterRoleSelectors []meta/v1.LabelSelector atomic

ClusterRoleBinding kind # Gives a role's rights to users, groups and service accounts everywhere.
  1 metadata meta/v1.ObjectMeta
  2 subjects []Subject atomic
  3 roleRef RoleRef =
`);
