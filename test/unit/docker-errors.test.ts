import { describe, expect, it } from 'vitest';
import { CancelledError, ExternalError } from '../../src/errors.ts';
import { engineError } from '../../src/services/docker/errors.ts';
import { checkedVersion } from '../../src/services/docker/version.ts';

const WHERE = 'tcp://fra-2:2376';
const fault = (fields: object) => Object.assign(new Error('raw'), fields);

describe('engineError', () => {
  it.each([
    ['ENOENT', 'no-engine'],
    ['EACCES', 'engine-permission'],
    ['ECONNREFUSED', 'engine-down'],
    ['ECONNRESET', 'engine-restarting'],
    ['ETIMEDOUT', 'engine-timeout'],
    ['ENOTFOUND', 'engine-unreachable'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'engine-tls'],
    ['SOMETHING_NEW', 'engine-failed'],
  ])('says of %s what it is, where, why and what to do', (code, said) => {
    const error = engineError(fault({ code }), WHERE);
    expect(error).toMatchObject({ code: said, message: expect.stringContaining(WHERE) });
    expect(error.why).toBeTruthy();
    expect(error.next).toBeTruthy();
  });

  it('gives what the engine answered as the reason, in one harmless line', () => {
    const answer = { statusCode: 500, json: { message: 'no space\u001b[2J left\non device' } };
    expect(engineError(fault(answer), WHERE)).toMatchObject({
      code: 'engine-failed',
      why: 'no space [2J left on device',
    });
    const bare = fault({ statusCode: 409, message: '(HTTP code 409) unexpected - it is dead ' });
    expect(engineError(bare, WHERE)).toMatchObject({ code: 'container-state', why: 'it is dead' });
  });

  it('knows an engine that is too old or too new for this client', () => {
    const message = 'client version 1.24 is too old. Minimum supported API version is 1.44';
    const answer = { statusCode: 400, json: { message } };
    expect(engineError(fault(answer), WHERE)).toMatchObject({
      code: 'engine-too-old',
      why: message,
    });
  });

  it('tells a time that is up from a person who left', () => {
    const abort = fault({ name: 'AbortError', code: 'ABORT_ERR' });
    const late = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    expect(engineError(abort, WHERE, late)).toMatchObject({ code: 'engine-timeout' });
    expect(engineError(abort, WHERE, AbortSignal.abort())).toBeInstanceOf(CancelledError);
  });

  it('leaves what was said already', () => {
    const said = new ExternalError({ code: 'ssh-auth-failed', message: 'No.' });
    expect(engineError(said, WHERE)).toBe(said);
  });
});

describe('checkedVersion', () => {
  const code = (version?: string, api?: string) => {
    try {
      return checkedVersion(version, api, WHERE);
    } catch (error) {
      return (error as ExternalError).code;
    }
  };

  it('takes engines from 20.10 on, also those of API versions to come', () => {
    expect(code('20.10.24', '1.41')).toBe('20.10.24');
    expect(code('99.0.1', '1.100')).toBe('99.0.1');
    expect(code('19.03.9', '1.40')).toBe('engine-too-old');
    expect(code('1.6.0', '1.9')).toBe('engine-too-old');
  });

  it('takes nothing else for an engine', () => {
    expect(code()).toBe('not-an-engine');
    expect(code('7', 'v2')).toBe('not-an-engine');
  });
});
