/** The second screen that terminals keep for programs like this one. Going there clears it. */
export const ALTERNATE_SCREEN = '\x1b[?1049h';

/**
 * What is asked of the terminal besides: no wrapping at the right edge, so that the bottom right
 * cell can be written; no cursor; pasted text marked as such; a plain pen.
 */
export const ENTER = '\x1b[?7l\x1b[?25l\x1b[?2004h\x1b[m';

/** All of it taken back, with a plain pen first: some terminals keep it across screens. */
export const LEAVE = '\x1b[m\x1b[?2004l\x1b[?25h\x1b[?7h\x1b[?1049l';
