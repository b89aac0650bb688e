import pc from 'picocolors';

/** Whether a person looks: on a terminal, or when FORCE_COLOR says so; never with NO_COLOR. A CI that only sets $CI gets plain text, which programs read. */
export function wantsColors(environment: Readonly<Record<string, string | undefined>>, terminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return terminal && TERM !== 'dumb';
}

/** What goes to stderr has colours of its own: one of the two may lead into a file. */
export const errorColors = pc.createColors(wantsColors(process.env, process.stderr.isTTY === true));

export default pc.createColors(wantsColors(process.env, process.stdout.isTTY === true));
