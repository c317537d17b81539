import { WireSyntaxError } from '../../../wire/syntax-error.js';
import { parseXmlRpcCall } from '../../../wire/xmlrpc/parse.js';

/** How a driver of the newer kind says that what follows is text for whoever asked. */
const RAW = 'Raw';

/**
 * The text of a probe's answer. Drivers of the newer kind put it into an XML-RPC value, an array of the word Raw and the text, which
 * is of no use to people; everything else is printed as it is.
 */
export function unwrapProbe(answer: string): string {
  if (!answer.includes(RAW)) return answer;
  // The parser knows calls; an answer is one value, after what may stand before the root of a document.
  const value = answer.replace(/^\s*(?:<\?xml[^>]*\?>\s*)?/, '');
  const call = `<methodCall><methodName>probe</methodName><params><param>${value}</param></params></methodCall>`;
  try {
    const [found] = parseXmlRpcCall(Buffer.from(call)).params;
    if (!Array.isArray(found)) return answer;
    const [word, text]: readonly unknown[] = found;
    return word === RAW && typeof text === 'string' ? text : answer;
  } catch (thrown) {
    if (thrown instanceof WireSyntaxError) return answer;
    throw thrown;
  }
}
