# Completion of xe command lines for bash 4.3 and later. To use it, have bash read it: docs/xe.md tells how.
#
# The server is asked for everything: whom to ask comes from the command line itself and from what xe reads besides. Nothing that
# it answers is ever evaluated; what is offered is quoted as the command line needs it. One Tab costs one question, at times two
# or three. What no server changes while it runs (commands and their parameters) is asked for once in the life of a shell.

declare -gA _xe_answers 2>/dev/null || return 0

# Seconds that a key may take at most.
_xe_patience=5

# Words that are on or off, and are written with two hyphens.
_xe_switches=' all compress dry-run force include-snapshots live minimal metadata multiple paused preserve-power-state progress soft trace '

_xe() {
  local program=${1/#~\//$HOME/} words cur head quote command wanted given connection showing= offers=() IFS=$' \t\n'
  local -A notes=()
  COMPREPLY=()
  # Tab was pressed again: what is offered is shown and nothing of it inserted.
  case ${COMP_TYPE-9} in 33 | 63 | 64) showing=1 ;; esac
  _xe_split "${COMP_LINE:0:COMP_POINT}"
  _xe_look
  if [[ $wanted == -pwf ]]; then
    _xe_offer_files ''
  elif [[ -n $wanted ]]; then
    return 0
  elif [[ -z $command && $cur == -* ]]; then
    _xe_offer '' -s -p -u -pw -pwf --nossl --debug --debug-on-fail --traceparent --fingerprint --completion --help -version
  elif [[ -z $command || $command == help && $cur != -* ]]; then
    _xe_offer_commands
  elif [[ $cur == *=* ]]; then
    _xe_offer_values
  elif [[ $cur == *device-config:* ]]; then
    _xe_offer_driver_keys
  else
    _xe_offer_names
  fi
  _xe_reply
}

complete -F _xe xe
