import type { IncomingMessage } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Pod } from '../api/types/core.v1.ts';
import type { UserInfo } from './user.ts';

/** What a node does for the API: its kubelet's side of logs, exec, attach and port-forward; a kubelet's `streams` fit. All reject with StatusError. */
export interface NodeStreams {
  /** A container's log; ends when the log does, or with `follow` when the container does. Destroyed when the reader goes. */
  logs(namespace: string, pod: string, container: string | undefined, options: LogOptions): Promise<Readable>;
  exec(namespace: string, pod: string, container: string | undefined, command: readonly string[], options: { readonly tty: boolean; readonly stdin: boolean }): Promise<StreamSession>;
  attach(namespace: string, pod: string, container: string | undefined, options: { readonly tty: boolean; readonly stdin: boolean }): Promise<StreamSession>;
  portForward(namespace: string, pod: string, port: number): Promise<{ readable: Readable; writable: Writable }>;
}

/** A running command's streams. With a tty, stderr is undefined and stdout carries both. */
export interface StreamSession {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable | undefined;
  resize(columns: number, rows: number): void;
  /** The exit code, once it has ended and its output is drained. */
  readonly exit: Promise<number>;
  kill(): void;
}

export interface LogOptions {
  readonly follow?: boolean;
  readonly previous?: boolean;
  readonly timestamps?: boolean;
  readonly sinceSeconds?: number;
  /** ms since the epoch */
  readonly sinceTime?: number;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly stream?: 'All' | 'Stdout' | 'Stderr';
}

/** Finds the node that a pod is on. */
export type FindNode = (nodeName: string) => NodeStreams | undefined;

/** An exec, attach or port-forward that is authenticated, authorised and admitted, and whose node is known. */
export interface StreamRequest {
  readonly kind: 'exec' | 'attach' | 'portforward';
  readonly pod: Pod;
  readonly node: NodeStreams;
  readonly user: UserInfo;
  /** exec: the command, in order. */
  readonly command: readonly string[];
  readonly container?: string;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
  /** portforward over WebSocket v4: the ports in the query. */
  readonly ports: readonly number[];
}

/** Speaks SPDY/3.1 or WebSocket on an upgraded connection: answers the handshake itself, also to refuse it, and ends the socket. */
export type StreamUpgrade = (request: StreamRequest, raw: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Passes a request on to a pod, service or node, for `/proxy`. Rejects with StatusError. */
export type ProxyHandler = (request: ProxyRequest) => Promise<ProxyAnswer>;

/** The same for a connection that is upgraded (WebSocket): answers the handshake with what the target says, and ends the socket. Rejects with StatusError before it has answered. */
export type ProxyUpgrade = (request: ProxyRequest, socket: Duplex, head: Buffer) => Promise<void>;

export interface ProxyRequest {
  readonly kind: 'pods' | 'services' | 'nodes';
  readonly namespace: string;
  /** `NAME`, `NAME:PORT` or `https:NAME:PORT`. */
  readonly name: string;
  readonly method: string;
  /** Path and query behind `/proxy`, beginning with `/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface ProxyAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Readable;
}
