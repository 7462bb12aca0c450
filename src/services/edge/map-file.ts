import type { Colour } from '../../model/container.ts';
import { backendOf, colourOf } from './settings.ts';

/**
 * What HAProxy reads when it starts: which colour serves, if any. A hold is never in it, so that an edge that
 * was restarted holds nobody.
 */
export function mapText(serving: Colour | null): string {
  return `app ${serving === null ? 'none' : backendOf(serving)}\nhold off\n`;
}

/** From the file, or from what `show map` lists: `0x5636 app web-blue`. */
export function servingIn(text: string): Colour | null {
  return colourOf(/^(?:0x[0-9a-f]+ )?app (\S+)$/m.exec(text)?.[1] ?? '');
}
