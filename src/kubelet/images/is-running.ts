/** Whether a process of this number runs; one of another user counts as none, because it is none of ours. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
