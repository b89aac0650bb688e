import { Secrets } from '../../api/kinds/core/secret.ts';
import type { ResourceType } from '../../api/object.ts';
import { ServiceAccounts } from '../../api/kinds/core/service-account.ts';
import type { TokenRequest } from '../../api/types/authentication.v1.ts';
import type { Secret } from '../../api/types/core.v1.ts';
import type { Component } from '../../client/controller.ts';
import { controllerIn, type ControllerContext } from '../context.ts';
import { unlessGone, unlessReplaced } from '../gone.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';
/** The longest a token may be asked for, 136 years: such a Secret's token is meant to live as long as the Secret, to which it is bound. */
const FOR_EVER = 2 ** 32;

/** The kind that is sent to a ServiceAccount's `token`. */
const TOKENS: ResourceType<TokenRequest> = { group: '', version: 'v1', kind: 'TokenRequest', plural: ServiceAccounts.plural, namespaced: true };

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Fills Secrets of the type service-account-token with a token, and deletes them with their account (pkg/controller/serviceaccount/tokens_controller.go). `caCertificate` is PEM. */
export function serviceAccountTokenController(context: ControllerContext, caCertificate: string): Component {
  const { client, informers } = context;
  const secrets = informers.informer(Secrets);
  const accounts = informers.informer(ServiceAccounts);
  const name = 'serviceaccount-token';

  const remove = async (secret: Secret) => {
    const { name: secretName = '', namespace = '', uid = '' } = secret.metadata;
    await client.delete(Secrets, secretName, { namespace, preconditions: { uid } }).catch(unlessReplaced);
  };
  const requestToken = async (secret: Secret, account: string): Promise<string> => {
    const { name: secretName = '', namespace = '', uid = '' } = secret.metadata;
    const request: TokenRequest = {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {},
      spec: { audiences: [], expirationSeconds: FOR_EVER, boundObjectRef: { apiVersion: 'v1', kind: 'Secret', name: secretName, uid } },
    };
    const answer = await client.create(TOKENS, request, { namespace, name: account, subresource: 'token' });
    return answer.status?.token ?? '';
  };
  const reconcile = async (key: string) => {
    const [namespace = '', secretName = ''] = key.split('/');
    const secret = secrets.get(namespace, secretName);
    const accountName = secret?.metadata.annotations?.[ACCOUNT];
    if (!secret || secret.type !== TYPE || !accountName || secret.metadata.deletionTimestamp) return;
    // The informer may not have seen yet an account that came just before its secret: only the API knows that there is none.
    const account = accounts.get(namespace, accountName) ?? (await client.get(ServiceAccounts, accountName, { namespace }).catch(unlessGone));
    const wanted = secret.metadata.annotations?.[ACCOUNT_UID];
    if (!account || (wanted && wanted !== account.metadata.uid)) return remove(secret);
    const { data } = secret;
    const ca = base64(caCertificate);
    if (data?.['ca.crt'] === ca && data['namespace'] && data['token']) return;
    const token = data?.['token'] || base64(await requestToken(secret, accountName));
    await client.update(Secrets, {
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, [ACCOUNT]: accountName, [ACCOUNT_UID]: account.metadata.uid ?? '' } },
      data: { ...data, 'ca.crt': ca, namespace: data?.['namespace'] || base64(namespace), token },
    });
  };

  return controllerIn(context, {
    name,
    reconcile,
    setup: (queue) => {
      const add = (secret: Secret) => {
        if (secret.type === TYPE) queue.add(`${secret.metadata.namespace ?? ''}/${secret.metadata.name ?? ''}`);
      };
      secrets.onChange({ added: add, updated: (_, secret) => add(secret) });
      accounts.onChange({
        deleted: ({ metadata }) => {
          for (const secret of secrets.list(metadata.namespace)) if (secret.metadata.annotations?.[ACCOUNT] === metadata.name) add(secret);
        },
      });
      return [secrets, accounts];
    },
  });
}
