import { int, opaque, uint, unsignedHyper } from '../../xdr/scalars.js';
import { call, streamCall } from '../procedure.js';
import { domain } from '../references.js';
import { optionalString, string } from '../texts.js';
import { typedParameters } from '../typed-parameter.js';

/** Calls that move domains to other hosts. */
export const migrationCalls = {
  DOMAIN_MIGRATE_PREPARE: call(
    61,
    { uri_in: optionalString, flags: unsignedHyper, dname: optionalString, resource: unsignedHyper },
    { cookie: opaque(4_194_304), uri_out: optionalString },
  ),
  DOMAIN_MIGRATE_PERFORM: call(62, {
    dom: domain,
    cookie: opaque(4_194_304),
    uri: string,
    flags: unsignedHyper,
    dname: optionalString,
    resource: unsignedHyper,
  }),
  DOMAIN_MIGRATE_FINISH: call(
    63,
    { dname: string, cookie: opaque(4_194_304), uri: string, flags: unsignedHyper },
    { ddom: domain },
  ),
  DOMAIN_MIGRATE_PREPARE2: call(
    108,
    { uri_in: optionalString, flags: unsignedHyper, dname: optionalString, resource: unsignedHyper, dom_xml: string },
    { cookie: opaque(4_194_304), uri_out: optionalString },
  ),
  DOMAIN_MIGRATE_FINISH2: call(
    109,
    { dname: string, cookie: opaque(4_194_304), uri: string, flags: unsignedHyper, retcode: int },
    { ddom: domain },
  ),
  DOMAIN_MIGRATE_PREPARE_TUNNEL: streamCall(148, 'write', {
    flags: unsignedHyper,
    dname: optionalString,
    resource: unsignedHyper,
    dom_xml: string,
  }),
  DOMAIN_MIGRATE_SET_MAX_DOWNTIME: call(166, { dom: domain, downtime: unsignedHyper, flags: uint }),
  DOMAIN_MIGRATE_SET_MAX_SPEED: call(207, { dom: domain, bandwidth: unsignedHyper, flags: uint }),
  DOMAIN_MIGRATE_BEGIN3: call(
    213,
    { dom: domain, xmlin: optionalString, flags: unsignedHyper, dname: optionalString, resource: unsignedHyper },
    { cookie_out: opaque(4_194_304), xml: string },
  ),
  DOMAIN_MIGRATE_PREPARE3: call(
    214,
    {
      cookie_in: opaque(4_194_304),
      uri_in: optionalString,
      flags: unsignedHyper,
      dname: optionalString,
      resource: unsignedHyper,
      dom_xml: string,
    },
    { cookie_out: opaque(4_194_304), uri_out: optionalString },
  ),
  DOMAIN_MIGRATE_PREPARE_TUNNEL3: streamCall(
    215,
    'write',
    { cookie_in: opaque(4_194_304), flags: unsignedHyper, dname: optionalString, resource: unsignedHyper, dom_xml: string },
    { cookie_out: opaque(4_194_304) },
  ),
  DOMAIN_MIGRATE_PERFORM3: call(
    216,
    {
      dom: domain,
      xmlin: optionalString,
      cookie_in: opaque(4_194_304),
      dconnuri: optionalString,
      uri: optionalString,
      flags: unsignedHyper,
      dname: optionalString,
      resource: unsignedHyper,
    },
    { cookie_out: opaque(4_194_304) },
  ),
  DOMAIN_MIGRATE_FINISH3: call(
    217,
    {
      dname: string,
      cookie_in: opaque(4_194_304),
      dconnuri: optionalString,
      uri: optionalString,
      flags: unsignedHyper,
      cancelled: int,
    },
    { dom: domain, cookie_out: opaque(4_194_304) },
  ),
  DOMAIN_MIGRATE_CONFIRM3: call(218, { dom: domain, cookie_in: opaque(4_194_304), flags: unsignedHyper, cancelled: int }),
  DOMAIN_MIGRATE_GET_MAX_SPEED: call(242, { dom: domain, flags: uint }, { bandwidth: unsignedHyper }),
  DOMAIN_MIGRATE_GET_COMPRESSION_CACHE: call(299, { dom: domain, flags: uint }, { cacheSize: unsignedHyper }),
  DOMAIN_MIGRATE_SET_COMPRESSION_CACHE: call(300, { dom: domain, cacheSize: unsignedHyper, flags: uint }),
  DOMAIN_MIGRATE_BEGIN3_PARAMS: call(
    302,
    { dom: domain, params: typedParameters(64), flags: uint },
    { cookie_out: opaque(4_194_304), xml: string },
  ),
  DOMAIN_MIGRATE_PREPARE3_PARAMS: call(
    303,
    { params: typedParameters(64), cookie_in: opaque(4_194_304), flags: uint },
    { cookie_out: opaque(4_194_304), uri_out: optionalString },
  ),
  DOMAIN_MIGRATE_PREPARE_TUNNEL3_PARAMS: streamCall(
    304,
    'write',
    { params: typedParameters(64), cookie_in: opaque(4_194_304), flags: uint },
    { cookie_out: opaque(4_194_304) },
  ),
  DOMAIN_MIGRATE_PERFORM3_PARAMS: call(
    305,
    { dom: domain, dconnuri: optionalString, params: typedParameters(64), cookie_in: opaque(4_194_304), flags: uint },
    { cookie_out: opaque(4_194_304) },
  ),
  DOMAIN_MIGRATE_FINISH3_PARAMS: call(
    306,
    { params: typedParameters(64), cookie_in: opaque(4_194_304), flags: uint, cancelled: int },
    { dom: domain, cookie_out: opaque(4_194_304) },
  ),
  DOMAIN_MIGRATE_CONFIRM3_PARAMS: call(307, {
    dom: domain,
    params: typedParameters(64),
    cookie_in: opaque(4_194_304),
    flags: uint,
    cancelled: int,
  }),
  DOMAIN_MIGRATE_START_POST_COPY: call(364, { dom: domain, flags: uint }),
  DOMAIN_MIGRATE_GET_MAX_DOWNTIME: call(387, { dom: domain, flags: uint }, { downtime: unsignedHyper }),
};
