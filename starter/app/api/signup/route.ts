import { credentialsOf, signUp } from '../../../lib/accounts.ts';
import { answering, idempotencyKey, readJson, textOf, welcome } from '../../../lib/api.ts';

export const POST = answering(async (request) => {
  const body = await readJson(request);
  const credentials = credentialsOf(textOf(body, 'email', 254), textOf(body, 'password', 200));
  const user = await signUp(credentials, idempotencyKey(request));
  return welcome(request, 201, user.id);
});
