import pc from 'picocolors';

/** Colours when a person looks: on a terminal, or when FORCE_COLOR says so; never with NO_COLOR. A CI that only sets $CI gets plain text, which programs read. */
export default pc.createColors(!process.env['NO_COLOR'] && (Boolean(process.env['FORCE_COLOR']) || (process.stdout.isTTY === true && process.env['TERM'] !== 'dumb')));
