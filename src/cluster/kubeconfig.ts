import type { KeyPair } from '../apiserver/pki.ts';

/** A kubeconfig with one cluster, user and context, all of one name. */
export function kubeconfigOf(name: string, url: string, caCertificate: string, user: KeyPair): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return `apiVersion: v1
kind: Config
current-context: ${name}
clusters:
- name: ${name}
  cluster:
    server: ${url}
    certificate-authority-data: ${base64(caCertificate)}
users:
- name: ${name}
  user:
    client-certificate-data: ${base64(user.cert)}
    client-key-data: ${base64(user.key)}
contexts:
- name: ${name}
  context:
    cluster: ${name}
    user: ${name}
`;
}
