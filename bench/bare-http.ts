import { createServer } from 'node:http';

/** A bare node:http server that takes any POST and sends the same bytes back: what the daemon's getter is held against. Prints its port. */
const BODY = Buffer.from(process.argv[2] ?? '', 'base64');

const server = createServer((request, response) => {
  request.on('data', () => undefined);
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/xml', 'Content-Length': BODY.length });
    response.end(BODY);
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
