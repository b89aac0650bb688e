import type { UserInfo } from '../user.ts';

/** What an authorizer is asked: may this user do this to that. */
export interface Attributes {
  readonly user: UserInfo;
  readonly verb: string;
  /** false: a path such as `/metrics`. */
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}
