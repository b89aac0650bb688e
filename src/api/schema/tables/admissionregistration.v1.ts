import { table } from '../table.ts';

/** Messages of admissionregistration/v1; field numbers and markers are those of k8s.io/api 1.33. */
export default table('admissionregistration/v1', `
enum FailurePolicyType Ignore Fail
enum MatchPolicyType Exact Equivalent
enum OperationType * CREATE UPDATE DELETE CONNECT
enum ReinvocationPolicyType Never IfNeeded
enum SideEffectClass Unknown None Some NoneOnDryRun
enum ValidationAction Deny Warn Audit

ValidatingWebhookConfiguration kind
  1 metadata meta/v1.ObjectMeta
  2 webhooks []ValidatingWebhook map(name) merge(name)

ValidatingWebhook
  1 name string !
  2 clientConfig WebhookClientConfig !
  3 rules []RuleWithOperations atomic
  4 failurePolicy ?FailurePolicyType
  9 matchPolicy ?MatchPolicyType
  5 namespaceSelector ?meta/v1.LabelSelector
  10 objectSelector ?meta/v1.LabelSelector
  6 sideEffects ?SideEffectClass !
  7 timeoutSeconds ?int32
  8 admissionReviewVersions []string ! atomic
  11 matchConditions []MatchCondition map(name) merge(name)

WebhookClientConfig
  3 url ?string
  1 service ?ServiceReference
  2 caBundle bytes

ServiceReference
  1 namespace string !
  2 name string !
  3 path ?string
  4 port ?int32

RuleWithOperations
  1 operations []OperationType atomic
  2 * Rule

Rule
  1 apiGroups []string atomic
  2 apiVersions []string atomic
  3 resources []string atomic
  4 scope ?string

MatchCondition
  1 name string !
  2 expression string !

MutatingWebhookConfiguration kind
  1 metadata meta/v1.ObjectMeta
  2 webhooks []MutatingWebhook map(name) merge(name)

MutatingWebhook
  1 name string !
  2 clientConfig WebhookClientConfig !
  3 rules []RuleWithOperations atomic
  4 failurePolicy ?FailurePolicyType
  9 matchPolicy ?MatchPolicyType
  5 namespaceSelector ?meta/v1.LabelSelector
  11 objectSelector ?meta/v1.LabelSelector
  6 sideEffects ?SideEffectClass !
  7 timeoutSeconds ?int32
  8 admissionReviewVersions []string ! atomic
  10 reinvocationPolicy ?ReinvocationPolicyType
  12 matchConditions []MatchCondition map(name) merge(name)

ValidatingAdmissionPolicy kind
  1 metadata meta/v1.ObjectMeta
  2 spec ValidatingAdmissionPolicySpec
  3 status ValidatingAdmissionPolicyStatus

ValidatingAdmissionPolicySpec
  1 paramKind ?ParamKind
  2 matchConstraints ?MatchResources
  3 validations []Validation atomic
  4 failurePolicy ?FailurePolicyType
  5 auditAnnotations []AuditAnnotation atomic
  6 matchConditions []MatchCondition map(name) merge(name)
  7 variables []Variable map(name) merge(name)

ParamKind atomic
  1 apiVersion string
  2 kind string

MatchResources atomic
  1 namespaceSelector ?meta/v1.LabelSelector
  2 objectSelector ?meta/v1.LabelSelector
  3 resourceRules []NamedRuleWithOperations atomic
  4 excludeResourceRules []NamedRuleWithOperations atomic
  7 matchPolicy ?MatchPolicyType

NamedRuleWithOperations atomic
  1 resourceNames []string atomic
  2 * RuleWithOperations

Validation
  1 expression string !
  2 message string
  3 reason ?string
  4 messageExpression string

AuditAnnotation
  1 key string !
  2 valueExpression string !

Variable atomic
  1 name string !
  2 expression string !

ValidatingAdmissionPolicyStatus
  1 observedGeneration int64
  2 typeChecking ?TypeChecking
  3 conditions []meta/v1.Condition map(type)

TypeChecking
  1 expressionWarnings []ExpressionWarning atomic

ExpressionWarning
  2 fieldRef string !
  3 warning string !

ValidatingAdmissionPolicyBinding kind
  1 metadata meta/v1.ObjectMeta
  2 spec ValidatingAdmissionPolicyBindingSpec

ValidatingAdmissionPolicyBindingSpec
  1 policyName string
  2 paramRef ?ParamRef
  3 matchResources ?MatchResources
  4 validationActions []ValidationAction set

ParamRef atomic
  1 name string
  2 namespace string
  3 selector ?meta/v1.LabelSelector
  4 parameterNotFoundAction ?string
`);
