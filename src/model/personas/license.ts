import type { TextMap } from './persona.js';

/** Far enough that no client warns of it. Clients parse this form only. */
const NEVER_EXPIRES = '20991231T23:59:59Z';

/** host.license_params of a licence that is never asked for again. */
export function licenseParams(sku: { type: string; title: string }, restrictions: TextMap): TextMap {
  return {
    sku_type: sku.type,
    version: '',
    serialnumber: '',
    sockets: '0',
    productcode: '',
    expiry: NEVER_EXPIRES,
    grace: 'no',
    name: '',
    company: '',
    address1: '',
    address2: '',
    city: '',
    state: '',
    postalcode: '',
    country: '',
    sku_marketing_name: sku.title,
    ...restrictions,
  };
}

/** Where a licence would be asked for. Nothing is asked for; clients only want both keys. */
export const LICENSE_SERVER: TextMap = { address: 'localhost', port: '27000' };
