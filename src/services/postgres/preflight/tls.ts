import { networkInterfaces } from 'node:os';
import { type Finding, fine, warning } from '../../../model/finding.ts';
import type { Side } from '../../../model/migration.ts';
import { isLocalAddress } from '../../database/here.ts';
import { splitUrl } from '../../database/url.ts';

/** How a session is protected on its way. */
export interface Way {
  encrypted: boolean;
  /** The server's certificate was checked. */
  verified: boolean;
  /** It never leaves this machine. */
  local: boolean;
}

export const isHere = (address: string | null) =>
  address === null || isLocalAddress(address, networkInterfaces());

export function checkTls(side: Side, url: string, { encrypted, verified, local }: Way): Finding[] {
  const mode = new URLSearchParams(splitUrl(url).query).get('sslmode');
  // Whoever asks for encryption to a neighbour has a tunnel or a test behind it: then it counts.
  if (verified || (local && (!encrypted || mode === null))) {
    const how = verified ? 'encrypted, and its certificate checked' : 'within this machine';
    return [fine('tls', side, `The connection to the ${side} is ${how}.`)];
  }
  if (!encrypted) {
    return [
      warning('tls', side, {
        message: `The connection to the ${side} is not encrypted.`,
        why: 'Every row, and what is sent to log in, can be read on the way.',
        cure: 'Add sslmode=verify-full to the URL, after ssl = on at the server.',
      }),
    ];
  }
  return [
    warning('tls', side, {
      message: `The connection to the ${side} is encrypted, but its certificate is not checked.`,
      why: `${mode ? `sslmode=${mode}` : 'A URL without sslmode'} takes any certificate: whoever stands between can be the server.`,
      cure: 'Add sslmode=verify-full to the URL; with the authority’s file of the provider: sslrootcert=/path/ca.pem (sslrootcert=system for a public one).',
    }),
  ];
}
