import type { ConvertedVersion } from '../../kind.ts';
import { convertedVersion, oldVersion } from '../conversion.ts';

const STORED = { group: 'rbac.authorization.k8s.io', version: 'v1' };

/** rbac.authorization.k8s.io/v1beta1 has the shape and the defaults of v1. */
export function oldRbac(kind: string): ConvertedVersion {
  return convertedVersion(oldVersion('rbac.authorization.k8s.io', 'v1beta1', 'rbac/v1beta1', kind, '1.17', '1.22', STORED), STORED);
}
