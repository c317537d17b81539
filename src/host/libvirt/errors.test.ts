import { ErrorCode, LibvirtBusy, LibvirtClosed, LibvirtError, LibvirtTimeout } from 'node-libvirt';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../model/error.js';
import { asHost, hostError, type Subject } from './errors.js';

const subject: Subject = {
  vm: 'vm',
  device: { class: 'VBD', uuid: 'vbd' },
  memory: { needed: 200, available: 100 },
  locate: (path) => (path === '/disks/known.qcow2' ? { sr: 'sr', location: 'vdi' } : undefined),
};

const told = (code: number, message: string, about: Subject = subject): unknown => {
  const error = hostError(new LibvirtError('DOMAIN_CREATE', { code, domain: 10, level: 2, message }), about);
  return error instanceof ApiError ? error.description : error;
};

describe('an error of libvirt', () => {
  const { OPERATION_INVALID, OPERATION_FAILED, INTERNAL_ERROR, OPERATION_TIMEOUT, SYSTEM_ERROR } = ErrorCode;

  it.each<[string, number, string, readonly string[]]>([
    ['no domain', ErrorCode.NO_DOMAIN, 'Domain not found', ['VM_BAD_POWER_STATE', 'vm', 'running, paused', 'halted']],
    [
      'a domain that does not run',
      OPERATION_INVALID,
      'Requested operation is not valid: domain is not running',
      ['VM_BAD_POWER_STATE', 'vm', 'running, paused', 'halted'],
    ],
    [
      'a domain that runs',
      OPERATION_INVALID,
      'Requested operation is not valid: domain is already running',
      ['VM_BAD_POWER_STATE', 'vm', 'running, paused', 'running'],
    ],
    ['no memory', ErrorCode.NO_MEMORY, 'out of memory', ['HOST_NOT_ENOUGH_FREE_MEMORY', '200', '100']],
    [
      'a guest too large for QEMU',
      INTERNAL_ERROR,
      "qemu unexpectedly closed the monitor: cannot set up guest memory 'pc.ram': Cannot allocate memory",
      ['HOST_NOT_ENOUGH_FREE_MEMORY', '200', '100'],
    ],
    [
      'a missing disk',
      SYSTEM_ERROR,
      "Cannot access storage file '/disks/known.qcow2': No such file or directory",
      ['VDI_MISSING', 'sr', 'vdi'],
    ],
    [
      'one of nobody',
      SYSTEM_ERROR,
      "Cannot access storage file '/else': No such file or directory",
      ['VDI_MISSING', '', '/else'],
    ],
    [
      'a disk in use',
      INTERNAL_ERROR,
      'process exited: Failed to get "write" lock\nIs another process using the image [/disks/known.qcow2]?',
      ['VDI_IN_USE', 'vdi', 'attach'],
    ],
    ['a full bus', INTERNAL_ERROR, 'internal error: No more available PCI slots', ['VM_PCI_BUS_FULL', 'vm']],
    ['a missing bridge', SYSTEM_ERROR, "Cannot get interface MTU on 'br7': No such device", ['BRIDGE_NOT_AVAILABLE', 'br7']],
    ['a silent agent', ErrorCode.AGENT_UNRESPONSIVE, 'Guest agent is not responding', ['VM_LACKS_FEATURE', 'vm']],
    ['no agent', ErrorCode.ARGUMENT_UNSUPPORTED, 'QEMU guest agent is not configured', ['VM_MISSING_PV_DRIVERS', 'vm']],
    ['a device that is gone', ErrorCode.DEVICE_MISSING, 'device not found', ['DEVICE_ALREADY_DETACHED', 'vbd']],
    ['a device in use', ErrorCode.RESOURCE_BUSY, 'busy', ['DEVICE_DETACH_REJECTED', 'VBD', 'vbd', 'busy']],
    [
      'another operation',
      OPERATION_TIMEOUT,
      'Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainSave)',
      ['OTHER_OPERATION_IN_PROGRESS', 'VM', 'vm', '', ''],
    ],
    ['a cancelled job', ErrorCode.OPERATION_ABORTED, 'canceled by client', ['TASK_CANCELLED', '']],
    ['anything else', OPERATION_FAILED, 'the moon is wrong', ['INTERNAL_ERROR', 'libvirt: the moon is wrong']],
    ['another refusal of the state', OPERATION_INVALID, 'cannot do that', ['INTERNAL_ERROR', 'libvirt: cannot do that']],
  ])('that means %s', (_, code, message, expected) => expect(told(code, message)).toEqual(expected));

  it('names what the caller expected', () => {
    const about = { vm: 'vm', expected: 'halted' };
    expect(told(OPERATION_INVALID, 'domain is already running', about)).toEqual([
      'VM_BAD_POWER_STATE',
      'vm',
      'halted',
      'running',
    ]);
  });

  it('says no more than can be shown', () => {
    expect(told(OPERATION_FAILED, 'x'.repeat(5000))).toEqual(['INTERNAL_ERROR', expect.stringMatching(/^libvirt: x{1,991}$/)]);
  });
});

describe('what a call to libvirt throws', () => {
  it('is an error of the model when there is no answer', () => {
    expect(hostError(new LibvirtClosed('gone'), subject)).toMatchObject({ code: 'HOST_OFFLINE' });
    expect(hostError(new LibvirtTimeout('DOMAIN_SAVE', 100), subject)).toMatchObject({ code: 'INTERNAL_ERROR' });
    expect(hostError(new LibvirtBusy('DOMAIN_SAVE', 1024), subject)).toMatchObject({ code: 'INTERNAL_ERROR' });
  });

  it('stays as it is when it is none of libvirt’s', async () => {
    const refused = new ApiError('VDI_READONLY', 'vdi');
    const fault = new TypeError('a mistake');
    await expect(asHost(subject, () => Promise.reject(refused))).rejects.toBe(refused);
    await expect(asHost(subject, () => Promise.reject(fault))).rejects.toBe(fault);
    expect(await asHost(subject, async () => 7)).toBe(7);
  });
});
