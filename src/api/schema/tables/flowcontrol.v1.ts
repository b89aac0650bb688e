import { table } from '../table.ts';

/** Messages of flowcontrol/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('flowcontrol/v1', `
FlowSchema kind
  1 metadata meta/v1.ObjectMeta
  2 spec FlowSchemaSpec
  3 status FlowSchemaStatus

FlowSchemaSpec
  1 priorityLevelConfiguration PriorityLevelConfigurationReference !
  2 matchingPrecedence int32 =
  3 distinguisherMethod ?FlowDistinguisherMethod
  4 rules []PolicyRulesWithSubjects atomic

PriorityLevelConfigurationReference
  1 name string !

FlowDistinguisherMethod
  1 type string !

PolicyRulesWithSubjects
  1 subjects []Subject ! atomic
  2 resourceRules []ResourcePolicyRule atomic
  3 nonResourceRules []NonResourcePolicyRule atomic

Subject
  1 kind string !
  2 user ?UserSubject
  3 group ?GroupSubject
  4 serviceAccount ?ServiceAccountSubject

UserSubject
  1 name string !

GroupSubject
  1 name string !

ServiceAccountSubject
  1 namespace string !
  2 name string !

ResourcePolicyRule
  1 verbs []string ! set
  2 apiGroups []string ! set
  3 resources []string ! set
  4 clusterScope bool
  5 namespaces []string = set

NonResourcePolicyRule
  1 verbs []string ! set
  6 nonResourceURLs []string ! set

FlowSchemaStatus
  1 conditions []FlowSchemaCondition map(type) merge(type)

FlowSchemaCondition
  1 type string
  2 status string
  3 lastTransitionTime Time
  4 reason string
  5 message string

PriorityLevelConfiguration kind
  1 metadata meta/v1.ObjectMeta
  2 spec PriorityLevelConfigurationSpec
  3 status PriorityLevelConfigurationStatus

PriorityLevelConfigurationSpec
  1 type string !
  2 limited ?LimitedPriorityLevelConfiguration
  3 exempt ?ExemptPriorityLevelConfiguration

LimitedPriorityLevelConfiguration
  1 nominalConcurrencyShares ?int32
  2 limitResponse LimitResponse
  3 lendablePercent ?int32
  4 borrowingLimitPercent ?int32

LimitResponse
  1 type string !
  2 queuing ?QueuingConfiguration

QueuingConfiguration
  1 queues int32 =
  2 handSize int32 =
  3 queueLengthLimit int32 =

ExemptPriorityLevelConfiguration
  1 nominalConcurrencyShares ?int32
  2 lendablePercent ?int32

PriorityLevelConfigurationStatus
  1 conditions []PriorityLevelConfigurationCondition map(type) merge(type)

PriorityLevelConfigurationCondition
  1 type string
  2 status string
  3 lastTransitionTime Time
  4 reason string
  5 message string
`);
