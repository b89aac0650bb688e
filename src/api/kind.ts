import type { FieldError } from './errors.ts';
import type { KubeObject, ResourceType } from './object.ts';
import type { StructuralSchema } from './schema/structural.ts';

/**
 * A resource kind, whole: its names, versions, defaults, validation, printer columns and subresources. One file a kind under `api/kinds/`; the list is
 * `api/kinds/index.ts`. Everything generic (registry, discovery, OpenAPI, kubectl's tables) reads this and knows no kind by name.
 *
 * Objects inside the server are in `storage` form. Functions that change an object may do so in place: they are given a private copy.
 */
export interface Kind<T extends KubeObject = KubeObject> {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly namespaced: boolean;
  /** Kind of its lists; default: the kind with `List` behind it. */
  readonly listKind?: string;
  /** The form objects are kept in; also served. */
  readonly storage: ServedVersion;
  /** Other versions, possibly of other groups (extensions/v1beta1), each with its conversions. */
  readonly served?: readonly ConvertedVersion[];
  /** Verbs that are served; default: create delete deletecollection get list patch update watch. Reviews have only create. */
  readonly verbs?: readonly string[];

  /** Whether `/status` is served and status is kept apart from the rest. */
  readonly status?: boolean;
  /** A new object brings its status along, though `/status` is served: nodes that somebody else registers. */
  readonly statusOnCreate?: boolean;
  /** Whether metadata.generation is kept (1 on create, +1 on each change of spec). */
  readonly generation?: boolean;
  /** `/scale`, by the JSON paths of its parts (`spec.replicas`). The selector is a LabelSelector or a plain map at `selector`. */
  readonly scale?: { readonly replicas: string; readonly statusReplicas: string; readonly selector: string };
  /** Further subresources for discovery: `binding`, `eviction`, `log` …, with the kind they take. The apiserver implements each by name. */
  readonly subresources?: readonly { readonly name: string; readonly kind: string; readonly group?: string; readonly version?: string; readonly verbs: readonly string[] }[];

  /** What the metadata.name must be; default: a DNS-1123 subdomain. Returns complaints ([] = fine). */
  readonly validateName?: (name: string) => readonly string[];
  /** Finalizers need no domain: kinds that upstream checks with apimachinery alone, custom resources among them. */
  readonly anyFinalizer?: boolean;
  /** Fills in defaults of the storage version. Idempotent. */
  readonly defaults?: (object: T) => void;
  /** Field complaints beyond metadata, for a new object. */
  readonly validate?: (object: T) => readonly FieldError[];
  /** Complaints that only a new object gets; the server calls `validate` as well. */
  readonly validateCreate?: (object: T) => readonly FieldError[];
  /** Field complaints for a change; the server calls `validate` as well. */
  readonly validateUpdate?: (next: T, old: T) => readonly FieldError[];
  /** Complaints about a change through `/status`. */
  readonly validateStatus?: (next: T, old: T) => readonly FieldError[];
  /** Complaints about a change through a subresource other than `/status`, by its name, beside `validate`. */
  readonly validateSubresource?: Readonly<Record<string, (next: T, old: T) => readonly FieldError[]>>;
  /** Last words when a delete marks the object instead of removing it at once; may add finalizers. */
  readonly prepareDelete?: (object: T, now: string) => void;
  /** Last words before a create is validated: status is already wiped when `status` is served. `now` is RFC 3339 seconds. */
  readonly prepareCreate?: (object: T, now: string) => void;
  /** Last words before an update is validated: status is already taken from `old`. */
  readonly prepareUpdate?: (next: T, old: T) => void;
  /** Last words before a status update: all but status (and what upstream lets through) is already taken from `old`. `now` is RFC 3339 seconds. */
  readonly prepareStatus?: (next: T, old: T, now: string) => void;
  /** Warnings for the `Warning` header, at a create (`old` is undefined) and at an update. */
  readonly warnings?: (object: T, old: T | undefined) => readonly string[];
  /** PUT of a name that does not exist creates it (Lease, EndpointSlice …). Default false. */
  readonly createOnUpdate?: boolean;
  /** PUT without resourceVersion is allowed. Default true. */
  readonly unconditionalUpdate?: boolean;
  /** Seconds of grace for a delete, when the kind is deleted gracefully (pods): given what the client asked for. 0 deletes at once. */
  readonly graceSeconds?: (object: T, requested: number | undefined) => number;

  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly fieldSelectors?: Readonly<Record<string, (object: T) => string>>;
  /** kubectl's columns; default: Name, Age. */
  readonly columns?: readonly Column<T>[];
}

/** How the server names a version of a kind, and the message of its schema. */
export interface ServedVersion {
  readonly group: string;
  readonly version: string;
  /** Id in the schema tables: `apps/v1.Deployment`. */
  readonly message: string;
  /** Text of the `Warning` header that every use gets: `extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+; use networking.k8s.io/v1 Ingress`. */
  readonly warning?: string;
  /** Set for custom resources, in place of a message of the tables (`message` is '' then). Without a schema anything goes. */
  readonly custom?: { readonly schema: StructuralSchema | undefined };
  /** How this version behaves where that differs from version to version: custom resources' subresources, columns and validation. */
  readonly as?: Kind;
  /** Objects are stored in this version, but it is not served. */
  readonly unserved?: boolean;
}

/** A version other than the stored one. Conversions return a new object (or the given one, changed) and lose nothing that the other form can hold. */
export interface ConvertedVersion extends ServedVersion {
  /** Defaults of this version, before conversion (extensions/v1beta1 Deployments have no selector: it comes from the template's labels). */
  readonly defaults?: (object: KubeObject) => void;
  readonly toStorage: (object: KubeObject) => KubeObject;
  readonly fromStorage: (object: KubeObject) => KubeObject;
}

/** One column of `kubectl get`. */
export interface Column<T extends KubeObject = KubeObject> {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** `name` marks the name column. */
  readonly format?: string;
  readonly description?: string;
  /** 0 = always, 1 = with -o wide. */
  readonly priority?: number;
  /** The cell; `nowMs` is for ages. */
  readonly cell: (object: T, nowMs: number) => string | number | boolean | null;
}

/** Declares a kind; only fixes T. */
export function defineKind<T extends KubeObject>(kind: Kind<T>): Kind<T> {
  return kind;
}

/** The resource type of a kind in its storage version, for clients. */
export function resourceOf<T extends KubeObject>(kind: Kind<T>): ResourceType<T> {
  return { group: kind.storage.group, version: kind.storage.version, kind: kind.kind, plural: kind.plural, namespaced: kind.namespaced };
}

/** Forgets T, so that kinds of different objects stand in one list. Sound because the registry hands each kind only objects of its own. */
export function erase<T extends KubeObject>(kind: Kind<T>): Kind {
  return kind as unknown as Kind;
}
