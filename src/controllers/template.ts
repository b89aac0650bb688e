import type { KubeObject, ResourceType } from '../api/object.ts';
import type { Pod, PodTemplateSpec } from '../api/types/core.v1.ts';
import { canonical } from './canonical.ts';
import { controllerReference } from './ownership.ts';

export const TEMPLATE_HASH = 'pod-template-hash';

/** A pod made of a template, for the API to name `OWNER-xxxxx` (controller_utils.go GetPodFromTemplate). */
export function podFromTemplate(template: PodTemplateSpec, owner: KubeObject, ownerType: ResourceType): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: podPrefix(owner.metadata.name ?? ''),
      namespace: owner.metadata.namespace,
      labels: { ...labels },
      ...(annotations && { annotations: { ...annotations } }),
      ...(finalizers && finalizers.length > 0 && { finalizers: [...finalizers] }),
      ownerReferences: [controllerReference(owner, ownerType)],
    },
    spec: template.spec,
  };
}

/** The dash is left out where the prefix would not be a valid start of a name (253 characters). */
function podPrefix(name: string): string {
  return name.length < 253 ? `${name}-` : name;
}

const texts = new WeakMap<object, string>();

/** The template's canonical text without the hash label, kept per object since templates that come from a client never change. */
function templateText(template: PodTemplateSpec): string {
  let text = texts.get(template);
  if (text === undefined) {
    const { [TEMPLATE_HASH]: _, ...labels } = template.metadata?.labels ?? {};
    const { labels: __, ...metadata } = template.metadata ?? {};
    text = canonical({ metadata: Object.keys(labels).length > 0 ? { ...metadata, labels } : Object.keys(metadata).length > 0 ? metadata : undefined, spec: template.spec });
    texts.set(template, text);
  }
  return text;
}

/** Equal but for the pod-template-hash label (deployment_util.go EqualIgnoreHash). */
export function sameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return templateText(a) === templateText(b);
}

/** Names a template: FNV-32a of its canonical text and the collision count, in the alphabet of apimachinery's SafeEncodeString. */
export function templateHash(template: PodTemplateSpec, collisionCount?: number): string {
  return hashText(templateText(template) + (collisionCount === undefined ? '' : `#${collisionCount}`));
}

const SAFE = 'bcdfghjklmnpqrstvwxz2456789';

/** FNV-32a of the text's UTF-8, as decimal digits mapped into letters that spell no words. */
export function hashText(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return [...String(hash)].map((digit) => SAFE[digit.charCodeAt(0) % SAFE.length]).join('');
}
