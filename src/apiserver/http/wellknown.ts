import { ISSUER, type TokenAuthority } from '../authn/tokens.ts';
import type { Page } from './router.ts';
import { objectReply, jsonReply } from './reply.ts';

/** What others need to check service accounts' tokens themselves (OIDC discovery). */
export function issuerPages(tokens: TokenAuthority): Page {
  return (path) => {
    if (path === '/openid/v1/jwks') return jsonReply(200, Buffer.from(JSON.stringify(tokens.jwks())), 'application/jwk-set+json');
    if (path !== '/.well-known/openid-configuration') return undefined;
    return objectReply(200, {
      issuer: ISSUER, jwks_uri: `${ISSUER}/openid/v1/jwks`, response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
    });
  };
}
