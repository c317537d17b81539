/** How to use the client, for people. */
export const USAGE = `Usage: xe COMMAND [NAME=VALUE | --NAME] ...

Whom to ask (without any of these: the host that this runs on)
  -s HOST            server (also -h HOST, server=HOST)
  -p PORT            port; usually 443, or 80 without TLS
  -u USER            user; usually root
  -pw PASSWORD       password
  -pwf FILE          file with the user on its first line and the password on its second
  --nossl            without TLS

Other options
  --debug            also show what is meant for people who look for mistakes
  --debug-on-fail    the same, but only when the command fails
  --traceparent ID   trace that the command belongs to
  --fingerprint      print the SHA-256 fingerprint of the server's certificate
  --completion bash  print a script that lets bash complete commands and parameters
  -version           print the version of the protocol
  --help             print this help

Each of these can be in ~/.xe, a line such as server=HOST each, and in XE_EXTRA_ARGS, separated by commas.

The server knows the commands:  xe help  lists the common ones,  xe help --all  all of them,
xe help COMMAND  says what one needs.
`;
