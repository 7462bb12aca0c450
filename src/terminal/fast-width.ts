import stringWidth from 'string-width';
import { isSimple, sgrEnd } from './simple-text.ts';

type Options = Parameters<typeof stringWidth>[1];

/** What `string-width` says, at once where the text is as simple as nearly all of them are. */
export default function fastWidth(text: string, options?: Options): number {
  if (options) return stringWidth(text, options);
  let width = 0;
  for (let at = 0; at < text.length; at++) {
    if (isSimple(text.charCodeAt(at))) width++;
    else {
      at = sgrEnd(text, at);
      if (at === -1) return stringWidth(text);
    }
  }
  return width;
}
