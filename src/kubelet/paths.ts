/** Where the kubelet keeps what, below its directory. */
import { join } from 'node:path';
import type { Pod } from '../api/types/core.v1.ts';

export const podsDirectory = (root: string): string => join(root, 'pods');
export const podDirectory = (root: string, uid: string): string => join(root, 'pods', uid);
/** `NS_NAME_UID`, as under /var/log/pods. */
export const podLogDirectory = (root: string, pod: Pod): string => join(root, 'logs', `${pod.metadata.namespace}_${pod.metadata.name}_${pod.metadata.uid}`);
export const containerLog = (root: string, pod: Pod, container: string, attempt: number): string => join(podLogDirectory(root, pod), container, `${attempt}.log`);
export const terminationMessage = (root: string, uid: string, container: string, attempt: number): string => join(podDirectory(root, uid), 'containers', container, `${attempt}.message`);
