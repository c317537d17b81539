import { ApiError, type ErrorCode } from '../../../model/error.js';
import type { Ref } from '../../../model/ref.js';
import type { EnumValue } from '../../../model/types.js';
import { markRefusal, refused } from '../../behaviour.js';
import type { Call } from '../../call.js';
import { callPlugin } from '../../plugins.js';
import type { VmMessages } from './messages.js';
import { withOperation } from './operation.js';

/** A refusal that comes after the checks of an operation, so that a VM in the wrong state is told of that first. */
function refusedAfter(operation: EnumValue<'vm_operations'>, code: ErrorCode, ...params: string[]) {
  return markRefusal(
    (call: Call, vm: Ref<'VM'>): Promise<never> =>
      withOperation(call, vm, operation, () => {
        throw new ApiError(code, ...params);
      }),
  );
}

/** What is answered with an error, most of it as the original does. */
export const refusals: VmMessages = {
  send_sysrq: refusedAfter('send_sysrq', 'NOT_IMPLEMENTED', 'send_sysrq'),
  send_trigger: refusedAfter('send_trigger', 'NOT_IMPLEMENTED', 'send_trigger'),
  query_services: refusedAfter('query_services', 'NOT_IMPLEMENTED', 'query_services'),
  add_to_VCPUs_params_live: refusedAfter('changing_VCPUs_live', 'NOT_IMPLEMENTED', 'add_to_VCPUs_params_live'),
  // Guests have no shadow memory of their own here that could grow while they run.
  set_shadow_multiplier_live: refusedAfter('changing_shadow_memory_live', 'NOT_IMPLEMENTED', 'set_shadow_multiplier_live'),
  call_plugin: markRefusal((call, vm, plugin, name) =>
    withOperation(
      call,
      vm,
      'call_plugin',
      () => {
        if (plugin !== 'guest-agent-operation') throw new ApiError('XENAPI_MISSING_PLUGIN', plugin);
        // No guest here takes orders through its agent.
        const text = `function ${name} of plugin ${plugin} needs a guest agent that can be controlled`;
        throw new ApiError('XENAPI_PLUGIN_FAILURE', 'failed to execute fn', text, text);
      },
      'none',
    ),
  ),
  call_host_plugin: (call, vm, plugin, name, args) =>
    withOperation(call, vm, 'call_plugin', ({ resident_on: host }) => callPlugin(call, host, plugin, name, args), 'none'),
  sysprep: markRefusal((call, vm, _unattend, timeout) =>
    withOperation(
      call,
      vm,
      'sysprep',
      ({ uuid }) => {
        if (timeout < 0) throw new ApiError('INVALID_VALUE', 'timeout', String(timeout));
        throw new ApiError('SYSPREP', uuid, 'the call is not enabled');
      },
      'none',
    ),
  ),
  import_convert: refused('XENAPI_MISSING_PLUGIN', 'conversion'),
};
