/** How command lines are written, above the names of commands. */
export const usage: readonly string[] = [
  'Usage:',
  '    xe <command>',
  '        [ -s <server> ]            XenAPI host to talk to',
  '        [ -p <port> ]              port on that host',
  '        [ -u <user> ]              user to log in as',
  '        [ -pw <password> ]         password of that user',
  '        [ -pwf <file> ]            file with the user in its first line and the password in its second',
  '        [ --nossl ]                talk without TLS',
  '        [ --debug ]                show what the client does',
  '        [ --debug-on-fail ]        show what the client did when a command fails',
  '        [ --traceparent <value> ]  trace that the command is a part of',
  '        [ <name>=<value> ... ]     parameters of the command',
  '',
  'What a command does and takes:',
  '    xe help <command>',
];

/** How to get from the common commands to all of them. */
export const usageOfAll: readonly string[] = ['All commands there are:', '    xe help --all'];
