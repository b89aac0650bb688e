/** RFC 3339 with microseconds, as metav1.MicroTime prints. */
export function rfc3339Micro(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 23)}000Z`;
}
