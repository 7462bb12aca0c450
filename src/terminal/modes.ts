/**
 * What is asked of the terminal for a full-screen program: the alternate screen, no wrapping at the
 * right edge (so that the bottom right cell can be written), no cursor, pasted text marked as such.
 * Everything is painted anew afterwards; nothing is cleared.
 */
export const ENTER = '\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[?2004h\x1b[m';

/** The other way round, with a plain pen first: some terminals keep it across screens. */
export const LEAVE = '\x1b[m\x1b[?2004l\x1b[?25h\x1b[?7h\x1b[?1049l';
