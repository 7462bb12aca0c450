import { credentialsOf, logIn } from '../../../lib/accounts.ts';
import { addressOf, answering, readJson, textOf, welcome } from '../../../lib/api.ts';

export const POST = answering(async (request) => {
  const body = await readJson(request);
  const credentials = credentialsOf(textOf(body, 'email', 254), textOf(body, 'password', 200));
  const user = await logIn(credentials, addressOf(request.headers));
  return welcome(request, 200, user.id);
});
