import type { FieldError } from '../../errors.ts';
import type { FlowSchema, PriorityLevelConfiguration, QueuingConfiguration } from '../../types/flowcontrol.v1.ts';
import { forbidden, invalid, invalidEach, oneOf, required } from '../../validation/field.ts';
import { dns1123Subdomain } from '../../validation/formats.ts';

/** Validation of flow schemas and priority levels: pkg/apis/flowcontrol/validation/validation.go. */
export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const at = 'spec.matchingPrecedence';
  const { matchingPrecedence: precedence = 0, distinguisherMethod } = spec;
  const level = spec.priorityLevelConfiguration?.name;
  return [
    ...(precedence <= 0 ? [invalid(at, precedence, 'must be a positive value')] : []),
    ...(precedence > 10_000 ? [invalid(at, precedence, 'must not be greater than 10000')] : []),
    ...(precedence === 1 && metadata.name !== 'exempt' ? [invalid(at, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")] : []),
    ...(distinguisherMethod ? oneOf('spec.distinguisherMethod.type', distinguisherMethod.type, ['ByNamespace', 'ByUser']) : []),
    ...(level ? invalidEach('spec.priorityLevelConfiguration.name', level, dns1123Subdomain(level)) : [required('spec.priorityLevelConfiguration.name', 'must reference a priority level')]),
  ];
}

export function validatePriorityLevel({ metadata, spec }: PriorityLevelConfiguration): FieldError[] {
  const { type, limited, exempt } = spec;
  const errors = (metadata.name === 'exempt') === (type === 'Exempt') ? [] : [invalid('spec.type', type, "type must be 'Exempt' if and only if name is 'exempt'")];
  if (type !== 'Exempt' && type !== 'Limited') return [...errors, ...oneOf('spec.type', type, ['Exempt', 'Limited'])];
  if (type === 'Exempt') return limited ? [...errors, forbidden('spec.limited', 'must be nil if the type is not Limited')] : errors;
  if (exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
  if (!limited) return [...errors, required('spec.limited', 'must not be empty when type is Limited')];
  const { nominalConcurrencyShares: shares = 0, lendablePercent: lendable = 0, borrowingLimitPercent: borrowing = 0, limitResponse } = limited;
  if (shares < 0) errors.push(invalid('spec.limited.nominalConcurrencyShares', shares, 'must be a non-negative integer'));
  if (lendable < 0 || lendable > 100) errors.push(invalid('spec.limited.lendablePercent', lendable, 'must be between 0 and 100, inclusive'));
  if (borrowing < 0) errors.push(invalid('spec.limited.borrowingLimitPercent', borrowing, 'if specified, must be a non-negative integer'));
  const at = 'spec.limited.limitResponse';
  if (limitResponse?.type === 'Reject') return limitResponse.queuing ? [...errors, forbidden(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')] : errors;
  if (limitResponse?.type !== 'Queue') return [...errors, ...oneOf(`${at}.type`, limitResponse?.type ?? '', ['Queue', 'Reject'])];
  return [...errors, ...(limitResponse.queuing ? validateQueuing(limitResponse.queuing, `${at}.queuing`) : [required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')])];
}

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration, at: string): FieldError[] {
  return [
    ...(queueLengthLimit <= 0 ? [invalid(`${at}.queueLengthLimit`, queueLengthLimit, 'must be positive')] : []),
    ...(queues <= 0 ? [invalid(`${at}.queues`, queues, 'must be positive')] : []),
    ...(queues > 10_000_000 ? [invalid(`${at}.queues`, queues, 'must not be greater than 10000000')] : []),
    ...(handSize <= 0 ? [invalid(`${at}.handSize`, handSize, 'must be positive')] : []),
    ...(handSize > queues ? [invalid(`${at}.handSize`, handSize, `should not be greater than queues (${queues})`)] : []),
  ];
}
