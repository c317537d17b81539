/** What libvirt says of an error, as it comes with a reply. */
export interface ErrorReport {
  /** One of `ErrorCode`. */
  readonly code: number;
  /** The part of libvirt that failed, one of `ErrorDomain`. */
  readonly domain: number;
  /** 1 for a warning, 2 for an error. */
  readonly level: number;
  readonly message: string;
}

/** A call that libvirt refused or that failed there. `message` is libvirt's text. */
export class LibvirtError extends Error {
  override readonly name = 'LibvirtError';
  /** One of `ErrorCode`. */
  readonly code: number;
  /** The part of libvirt that failed, one of `ErrorDomain`. */
  readonly domain: number;
  /** 1 for a warning, 2 for an error. */
  readonly level: number;
  /** The call's name in the protocol. */
  readonly procedure: string;

  constructor(procedure: string, report: ErrorReport) {
    super(report.message);
    this.procedure = procedure;
    this.code = report.code;
    this.domain = report.domain;
    this.level = report.level;
  }
}

/** A call that took longer than its limit. The daemon may still carry it out. */
export class LibvirtTimeout extends Error {
  override readonly name = 'LibvirtTimeout';
  readonly procedure: string;
  /** Milliseconds. */
  readonly limit: number;

  constructor(procedure: string, limit: number) {
    super(`${procedure} took longer than ${limit} ms`);
    this.procedure = procedure;
    this.limit = limit;
  }
}

/** The connection is gone, or could not be made: calls in flight and later ones reject with it. */
export class LibvirtClosed extends Error {
  override readonly name = 'LibvirtClosed';
}

/** A call that was not sent because too many calls on the connection wait for an answer. */
export class LibvirtBusy extends Error {
  override readonly name = 'LibvirtBusy';
  readonly procedure: string;

  constructor(procedure: string, waiting: number) {
    super(`${procedure} was not sent: ${waiting} calls on this connection have no answer yet`);
    this.procedure = procedure;
  }
}
