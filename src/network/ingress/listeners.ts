import { labelSelectorFromObject, SelectorError } from '../../api/selectors.ts';
import type { TlsName } from './certificates.ts';
import { GROUP, Gateways, GrpcRoutes, HttpRoutes, type Gateway, type GatewayListener, type ReferenceGrant } from './gateway-types.ts';
import type { Scheme } from './rule.ts';

/** An object that refers to another, or is referred to. */
export interface Reference {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What routes and Gateways refer to. */
export interface References {
  hasService(namespace: string, name: string): boolean;
  /** Why a Secret certifies nobody; undefined when it does. */
  certificateProblem(namespace: string, name: string): string | undefined;
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
  readonly grants: readonly ReferenceGrant[];
}

/** Whether one object may refer to another: in its own namespace always, in another's when a ReferenceGrant there says so. */
export function mayRefer(from: Omit<Reference, 'name'>, to: Reference, grants: readonly ReferenceGrant[]): boolean {
  if (from.namespace === to.namespace) return true;
  return grants.some(({ metadata, spec }) =>
    metadata.namespace === to.namespace
    && (spec?.from ?? []).some((f) => (f.group ?? '') === from.group && f.kind === from.kind && f.namespace === from.namespace)
    && (spec?.to ?? []).some((t) => (t.group ?? '') === to.group && t.kind === to.kind && (t.name === undefined || t.name === '' || t.name === to.name)));
}

/** A reason of a listener's condition, and its sentence. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
}

/** What is made of a listener: where it serves and with which certificates, or what stands against it. */
export interface CheckedListener {
  readonly listener: GatewayListener;
  /** How requests come in; undefined when none can. */
  readonly scheme: Scheme | undefined;
  readonly tls: readonly TlsName[];
  /** The kinds of routes that are served on it. */
  readonly routes: readonly string[];
  readonly notAccepted: Problem | undefined;
  readonly unresolved: Problem | undefined;
}

export function checkListeners(gateway: Gateway, references: References): CheckedListener[] {
  return (gateway.spec?.listeners ?? []).map((listener) => {
    const { protocol, tls } = listener;
    const kinds = listener.allowedRoutes?.kinds ?? [];
    const foreign = kinds.find((k) => !isServed(k));
    const routes = SERVED.filter((served) => kinds.length === 0 || kinds.some((k) => isServed(k) && k.kind === served));
    const invalidKinds = foreign && { reason: 'InvalidRouteKinds', message: `routes of kind ${foreign.kind} are not supported; use HTTPRoute or GRPCRoute` };
    const refused = (reason: string, message: string): CheckedListener => ({ listener, scheme: undefined, tls: [], routes, notAccepted: { reason, message }, unresolved: invalidKinds });
    if (protocol === 'HTTP') return { listener, scheme: 'http', tls: [], routes, notAccepted: undefined, unresolved: invalidKinds };
    if (protocol !== 'HTTPS') return refused('UnsupportedProtocol', `protocol ${protocol} is not supported; use HTTP or HTTPS`);
    if (tls?.mode === 'Passthrough') return refused('UnsupportedValue', 'tls.mode Passthrough is not supported; use Terminate');
    const names: TlsName[] = [];
    let unresolved: Problem | undefined = invalidKinds;
    for (const ref of tls?.certificateRefs ?? []) {
      const namespace = ref.namespace ?? gateway.metadata.namespace ?? '';
      const problem = certificateProblem(gateway, { group: ref.group ?? '', kind: ref.kind ?? 'Secret', namespace, name: ref.name }, references);
      if (problem) unresolved ??= problem;
      else names.push({ host: (listener.hostname ?? '').toLowerCase(), namespace, secret: ref.name });
    }
    // Without a reference it is the default certificate that serves.
    const served = names.length > 0 || (tls?.certificateRefs ?? []).length === 0;
    return { listener, scheme: served ? 'https' : undefined, tls: names, routes, notAccepted: undefined, unresolved };
  });
}

const SERVED = [HttpRoutes.kind, GrpcRoutes.kind];
const isServed = ({ group, kind }: { readonly group?: string; readonly kind: string }): boolean => (group ?? GROUP) === GROUP && SERVED.includes(kind);

function certificateProblem(gateway: Gateway, secret: Reference, { grants, certificateProblem: problemOf }: References): Problem | undefined {
  if (secret.kind !== 'Secret' || secret.group !== '') return { reason: 'InvalidCertificateRef', message: `a certificate of kind ${secret.kind} is not supported; use a Secret` };
  const from = { group: GROUP, kind: Gateways.kind, namespace: gateway.metadata.namespace ?? '' };
  if (!mayRefer(from, secret, grants)) return { reason: 'RefNotPermitted', message: `secret ${secret.namespace}/${secret.name} is in another namespace, and no ReferenceGrant there allows it` };
  const problem = problemOf(secret.namespace, secret.name);
  return problem === undefined ? undefined : { reason: 'InvalidCertificateRef', message: problem };
}

/** Whether a listener takes routes of this namespace. */
export function allowsNamespace({ allowedRoutes }: GatewayListener, own: string, namespace: string, references: References): boolean {
  const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
  if (from === 'All') return true;
  if (from === 'Same') return own === namespace;
  if (from !== 'Selector') return false;
  try {
    return labelSelectorFromObject(selector)(references.namespaceLabels(namespace));
  } catch (error) {
    if (error instanceof SelectorError) return false;
    throw error;
  }
}
