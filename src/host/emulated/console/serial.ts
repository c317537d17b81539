import { Duplex } from 'node:stream';

/** Bytes of a line that are kept: more is cut, as a terminal would. */
const LONGEST_LINE = 1024;

/** The serial line of an emulated guest: asks for a login, echoes what is typed, and lets nobody in. */
export function serialConsole(hostname: string): Duplex {
  let line = '';
  let asking: 'login' | 'password' = 'login';
  const prompt = (): string => (asking === 'login' ? `${hostname} login: ` : 'Password: ');
  const take = (character: string): string => {
    if (character === '\r' || character === '\n') {
      const empty = line === '';
      line = '';
      if (asking === 'login' && empty) return `\r\n${prompt()}`;
      const answer = asking === 'password' ? '\r\nLogin incorrect\r\n' : '\r\n';
      asking = asking === 'login' ? 'password' : 'login';
      return answer + prompt();
    }
    if (character === '\b' || character === '\x7f') {
      if (line === '') return '';
      line = line.slice(0, -1);
      return asking === 'login' ? '\b \b' : '';
    }
    if (character < ' ' || line.length >= LONGEST_LINE) return '';
    line += character;
    return asking === 'login' ? character : '';
  };
  const stream = new Duplex({
    decodeStrings: true,
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      stream.push([...chunk.toString('latin1')].map(take).join(''), 'latin1');
      done();
    },
    final(done) {
      stream.push(null);
      done();
    },
  });
  stream.push(`\r\n${prompt()}`);
  return stream;
}
