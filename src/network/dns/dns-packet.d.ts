declare module 'dns-packet' {
  export interface Question {
    type: string;
    name: string;
    class?: string;
  }
  export interface OptRecord {
    type: 'OPT';
    name: string;
    udpPayloadSize?: number;
    flags?: number;
    options?: unknown[];
  }
  export interface DataRecord {
    type: string;
    name: string;
    ttl?: number;
    class?: string;
    flush?: boolean;
    data: unknown;
  }
  export interface Packet {
    id?: number;
    type?: 'query' | 'response';
    flags?: number;
    opcode?: string;
    rcode?: string;
    flag_tc?: boolean;
    flag_rd?: boolean;
    questions?: Question[];
    answers?: (DataRecord | OptRecord)[];
    authorities?: (DataRecord | OptRecord)[];
    additionals?: (DataRecord | OptRecord)[];
  }
  export function encode(packet: Packet): Buffer;
  export function decode(bytes: Buffer): Packet;
  export const RECURSION_DESIRED: number;
  export const RECURSION_AVAILABLE: number;
  export const AUTHORITATIVE_ANSWER: number;
  export const TRUNCATED_RESPONSE: number;
}
