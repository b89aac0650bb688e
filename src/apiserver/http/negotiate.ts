import { notAcceptable } from '../../api/errors.ts';

/** The form of an answer. */
export interface Accepted {
  readonly format: 'json' | 'yaml' | 'protobuf';
  /** A transformation that the client asked for. */
  readonly as?: 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Version of the transformation. */
  readonly version?: 'v1' | 'v1beta1';
}

interface Clause {
  readonly type: string;
  readonly params: ReadonlyMap<string, string>;
}

const cache = new Map<string, readonly Clause[]>();
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const SERVED = `application/json, application/yaml, ${PROTOBUF}`;

/** The clauses of an Accept header, best first. */
export function acceptClauses(header: string): readonly Clause[] {
  let clauses = cache.get(header);
  if (!clauses) {
    clauses = header.split(',').map(parseClause).filter((clause) => clause.type !== '').sort((a, b) => quality(b) - quality(a));
    if (cache.size < 500 && header.length < 2_000) cache.set(header, clauses);
  }
  return clauses;
}

function parseClause(text: string): Clause {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  const params = new Map<string, string>();
  for (const part of rest) {
    const eq = part.indexOf('=');
    if (eq > 0) params.set(part.slice(0, eq), part.slice(eq + 1));
  }
  return { type: type.toLowerCase(), params };
}

function quality(clause: Clause): number {
  const q = Number(clause.params.get('q') ?? '1');
  return Number.isFinite(q) ? q : 1;
}

export interface Allowed {
  readonly table?: boolean;
  readonly partial?: 'PartialObjectMetadata' | 'PartialObjectMetadataList';
}

/**
 * Chooses the form (apiserver pkg/endpoints/handlers/negotiation). Protobuf is chosen only when nothing else will do: JSON is what lies ready. Throws NotAcceptable.
 */
export function negotiate(header: string | undefined, allowed: Allowed): Accepted {
  if (header === undefined || header === '' || header === 'application/json' || header === '*/*') return { format: 'json' };
  let protobuf: Accepted | undefined;
  for (const { type, params } of acceptClauses(header)) {
    const format = formatOf(type);
    if (!format) continue;
    const as = params.get('as');
    const version = params.get('v');
    let accepted: Accepted | undefined;
    if (as === undefined) accepted = { format };
    else if (params.get('g') === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1')) {
      if ((as === 'Table' && allowed.table) || (as === allowed.partial && format !== 'yaml')) accepted = { format, as: as as 'Table', version };
    }
    if (!accepted) continue;
    if (accepted.format !== 'protobuf') return accepted;
    protobuf ??= accepted;
  }
  if (protobuf) return protobuf;
  const known = acceptClauses(header).some(({ type }) => formatOf(type) !== undefined);
  throw notAcceptable(known ? `only the following media types are accepted: ${SERVED}` : `406: Not Acceptable\n\nAvailable representations: ${SERVED}`);
}

function formatOf(type: string): Accepted['format'] | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  if (type === 'application/yaml') return 'yaml';
  return type === PROTOBUF ? 'protobuf' : undefined;
}
