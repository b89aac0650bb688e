/** The one part of undici that the client over HTTP takes. A file of its own, so that it can be loaded late: the bundle gives a CommonJS package's names only to a static import. */
export { Agent } from 'undici';
