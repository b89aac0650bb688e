import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pod } from '../api/types/core.v1.ts';
import type { UserInfo } from './user.ts';

/** What nodes do for the API: the kubelets' side of logs, exec, attach and port-forward. Failures reject with StatusError. */
export interface NodeStreams {
  /** A container's log, as text in chunks; ends when the log does, or never with `follow` until `signal`. */
  logs(pod: Pod, options: LogOptions, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Takes over a connection that asks for exec, attach or portforward (SPDY/3.1 or WebSocket); the request is already authenticated, authorised and admitted. It answers the handshake
   * itself, also to refuse it.
   */
  upgrade(request: StreamRequest, raw: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Passes a request on to a pod, service or node, for `/proxy`. */
  proxy?(request: ProxyRequest): Promise<ProxyAnswer>;
}

export interface LogOptions {
  /** undefined: the only container, or the one annotated as default. */
  readonly container?: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly sinceSeconds?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
}

export interface StreamRequest {
  readonly kind: 'exec' | 'attach' | 'portforward';
  readonly pod: Pod;
  readonly user: UserInfo;
  /** exec: command, in order. */
  readonly command: readonly string[];
  readonly container?: string;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** portforward over WebSocket v4: the ports in the query. */
  readonly ports: readonly number[];
}

export interface ProxyRequest {
  readonly target: { readonly kind: 'pods' | 'services' | 'nodes'; readonly namespace: string; /** `NAME`, `NAME:PORT` or `https:NAME:PORT`. */ readonly name: string };
  readonly method: string;
  /** Path and query behind `/proxy`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: AsyncIterable<Uint8Array>;
}
