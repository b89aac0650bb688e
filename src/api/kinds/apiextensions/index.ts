import { erase } from '../../kind.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';

/** The kinds of the apiextensions group, in the order discovery lists them. */
export const apiextensionsKinds = [
  erase(customResourceDefinition),
];
