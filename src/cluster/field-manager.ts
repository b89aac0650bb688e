import type { Client } from '../client/client.ts';

/** The same client, whose writes are recorded in managedFields under this name unless the call gives one: what upstream's component sends as its user agent. */
export function managedBy(client: Client, fieldManager: string): Client {
  return {
    ...client,
    create: (type, object, options) => client.create(type, object, { fieldManager, ...options }),
    update: (type, object, options) => client.update(type, object, { fieldManager, ...options }),
    patch: (type, name, patch, options) => client.patch(type, name, patch, { fieldManager, ...options }),
  };
}
