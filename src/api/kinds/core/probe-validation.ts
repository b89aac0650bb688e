import type { FieldError } from '../../errors.ts';
import type { Container, Lifecycle, LifecycleHandler, Probe, ProbeHandler } from '../../types/core.v1.ts';
import { forbidden, invalid, invalidEach, nonNegative, oneOf, required } from '../../validation/field.ts';
import { httpHeaderName } from '../../validation/formats.ts';
import { portNumberOrName } from '../../validation/values.ts';

/** Probes and lifecycle hooks: validateProbe and validateHandler of pkg/apis/core/validation/validation.go. `grace` is the pod's termination grace in seconds. */

export function validateProbes(container: Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe'>, grace: number | undefined, at: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...validateProbe(livenessProbe, grace, `${at}.livenessProbe`),
    ...succeedsOnce(livenessProbe, `${at}.livenessProbe`),
    ...validateProbe(readinessProbe, grace, `${at}.readinessProbe`),
    ...(readinessProbe?.terminationGracePeriodSeconds === undefined
      ? []
      : [invalid(`${at}.readinessProbe.terminationGracePeriodSeconds`, readinessProbe.terminationGracePeriodSeconds, 'must not be set for readinessProbes')]),
    ...validateProbe(startupProbe, grace, `${at}.startupProbe`),
    ...succeedsOnce(startupProbe, `${at}.startupProbe`),
  ];
}

export function validateLifecycle(lifecycle: Lifecycle | undefined, grace: number | undefined, at: string): FieldError[] {
  return [
    ...(lifecycle?.postStart ? validateHandler(lifecycle.postStart, grace, `${at}.postStart`) : []),
    ...(lifecycle?.preStop ? validateHandler(lifecycle.preStop, grace, `${at}.preStop`) : []),
  ];
}

function succeedsOnce(probe: Probe | undefined, at: string): FieldError[] {
  return probe && probe.successThreshold !== 1 ? [invalid(`${at}.successThreshold`, probe.successThreshold ?? 0, 'must be 1')] : [];
}

function validateProbe(probe: Probe | undefined, grace: number | undefined, at: string): FieldError[] {
  if (!probe) return [];
  const errors = validateHandler(probe, grace, at);
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const) errors.push(...nonNegative(`${at}.${field}`, probe[field]));
  const own = probe.terminationGracePeriodSeconds;
  if (own !== undefined && own <= 0) errors.push(invalid(`${at}.terminationGracePeriodSeconds`, own, 'must be greater than 0'));
  return errors;
}

function validateHandler(handler: ProbeHandler & LifecycleHandler, grace: number | undefined, at: string): FieldError[] {
  const present = (['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const).filter((kind) => handler[kind] !== undefined);
  if (present.length === 0) return [required(at, 'must specify a handler type')];
  const extra = present.slice(1).map((kind) => forbidden(`${at}.${kind}`, 'may not specify more than 1 handler type'));
  return [...validateAction(handler, present[0]!, grace, `${at}.${present[0]}`), ...extra];
}

function validateAction(handler: ProbeHandler & LifecycleHandler, kind: 'exec' | 'httpGet' | 'tcpSocket' | 'grpc' | 'sleep', grace: number | undefined, at: string): FieldError[] {
  switch (kind) {
    case 'exec':
      return (handler.exec?.command ?? []).length === 0 ? [required(`${at}.command`)] : [];
    case 'tcpSocket':
      return portNumberOrName(handler.tcpSocket?.port, `${at}.port`);
    case 'grpc':
      return portNumberOrName(handler.grpc?.port, `${at}.port`);
    case 'sleep': {
      const seconds = handler.sleep?.seconds ?? 0;
      return grace !== undefined && (seconds < 0 || seconds > grace) ? [invalid(at, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)] : [];
    }
    default: {
      const { path, port, scheme, httpHeaders } = handler.httpGet!;
      return [
        ...(path ? [] : [required(`${at}.path`)]),
        ...portNumberOrName(port, `${at}.port`),
        ...oneOf(`${at}.scheme`, scheme, ['HTTP', 'HTTPS']),
        ...(httpHeaders ?? []).flatMap((header) => invalidEach(`${at}.httpHeaders`, header.name, httpHeaderName(header.name))),
      ];
    }
  }
}
