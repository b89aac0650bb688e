import type { CertificateSigningRequest } from '../../types/certificates.v1.ts';

/** Says of conditions that do not say it themselves when they were written, and since when they hold (pkg/registry/certificates/certificates/strategy.go populateConditionTimestamps). */
export function stampConditions(next: CertificateSigningRequest, old: CertificateSigningRequest, now: string): void {
  const { conditions } = next.status ?? {};
  if (!conditions) return;
  const held = (type: string, status: string) => old.status?.conditions?.find((before) => before.type === type && before.status === status)?.lastTransitionTime;
  next.status!.conditions = conditions.map((condition) => ({
    ...condition,
    lastUpdateTime: condition.lastUpdateTime || now,
    lastTransitionTime: condition.lastTransitionTime || held(condition.type, condition.status) || now,
  }));
}
