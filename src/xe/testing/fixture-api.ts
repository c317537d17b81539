import type { Api } from '../../api/api.js';
import { Dispatcher } from '../../api/dispatcher.js';
import type { RpcRequest } from '../../api/rpc.js';
import { ApiClient } from '../api/api-client.js';

/** The API of a fixture, as commands of a superuser use it. `sent` gets the name of each message. */
export function fixtureApi(api: Api, sent: string[] = []): ApiClient {
  const session = api.sessions.create({ userName: 'root', superuser: true, host: api.localHost });
  const dispatcher = new Dispatcher(api);
  const rpc = {
    call: (request: RpcRequest) => {
      sent.push(request.method);
      return dispatcher.call(request);
    },
  };
  return new ApiClient(rpc, { local: false, address: 'test' }, session.ref);
}
