import type { CustomResourceDefinition } from '../../types/apiextensions.v1.ts';

/** Defaults of definitions: apiextensions-apiserver pkg/apis/apiextensions/v1/defaults.go. */
export function defaultDefinition(definition: CustomResourceDefinition): void {
  const { spec } = definition;
  if (!spec) return;
  if (spec.names?.kind) {
    spec.names.singular ||= spec.names.kind.toLowerCase();
    spec.names.listKind ||= `${spec.names.kind}List`;
  }
  spec.conversion ??= { strategy: 'None' };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= 443;
}

/** status.storedVersions always names the version that is stored now. */
export function keepStoredVersion(definition: CustomResourceDefinition): void {
  const stored = definition.spec.versions?.find((version) => version.storage)?.name;
  const status = (definition.status ??= {});
  const versions = status.storedVersions ?? [];
  if (stored !== undefined && !versions.includes(stored)) status.storedVersions = [...versions, stored];
}
