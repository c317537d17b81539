# The command line: what has been typed, and what is put there.

# Splits a line as the shell does. Sets words (complete ones, unquoted), cur (the one that is being typed, unquoted), head (what of cur
# comes before the part that the shell is going to replace) and quote (the mark that is open).
_xe_split() {
  local line=$1 char next i begun=
  words=() cur= head= quote=
  for ((i = 0; i < ${#line}; i++)); do
    char=${line:i:1} next=${line:i+1:1}
    if [[ $quote == "'" ]]; then
      if [[ $char == "'" ]]; then quote=; else cur+=$char; fi
    elif [[ $char == '\' && ( -z $quote || $next == ['"\$`'] ) ]]; then
      cur+=$next begun=1
      ((i++))
    elif [[ $quote == '"' ]]; then
      if [[ $char == '"' ]]; then quote=; else cur+=$char; fi
    elif [[ $char == ["'"'"'] ]]; then
      quote=$char head=$cur begun=1
    elif [[ $char == [$' \t\n'] ]]; then
      [[ -n $begun ]] && words+=("$cur")
      cur= head= begun=
    else
      cur+=$char begun=1
      [[ $COMP_WORDBREAKS == *"$char"* ]] && head=$cur
    fi
  done
}

# Looks for the command and its parameters among the words, and for whom to ask. Sets command, given and connection; wanted is
# the option whose value is being typed.
_xe_look() {
  local word i
  command= wanted= given=() connection=()
  for ((i = 1; i < ${#words[@]}; i++)); do
    word=${words[i]}
    case $word in
      -s | -h | -p | -u | -pw | -pwf | --traceparent)
        if ((i + 1 == ${#words[@]})); then wanted=$word; else connection+=("$word" "${words[++i]}"); fi
        ;;
      --nossl | server=* | port=* | username=* | password=* | passwordfile=* | nossl=*) connection+=("$word") ;;
      --debug | --debug-on-fail | --fingerprint) ;;
      *) if [[ -z $command ]]; then command=$word; else given+=("$word"); fi ;;
    esac
  done
}

# Value of a parameter that was given before; fails when it was not.
_xe_given() {
  local word
  for word in "${given[@]}"; do
    if [[ $word == "$1="* ]]; then
      printf %s "${word#*=}"
      return
    fi
  done
  return 1
}

# Puts what is offered into the form in which the shell inserts it.
_xe_reply() {
  local offer rest
  for offer in "${offers[@]}"; do
    rest=${offer:${#head}}
    case $quote in
      "'") [[ $rest == *"'"* ]] && continue ;;
      '"')
        # The shell's history has its say between these marks, and nothing stops it there.
        [[ $rest == *'!'* ]] && continue
        rest=${rest//\\/\\\\} rest=${rest//\"/\\\"} rest=${rest//\$/\\\$} rest=${rest//\`/\\\`}
        ;;
      *) [[ $rest == *[!a-zA-Z0-9_.,:=/@%+-]* ]] && printf -v rest %q "$rest" ;;
    esac
    [[ $showing && ${#offers[@]} -gt 1 && -n ${notes[$offer]-} ]] && rest+="  (${notes[$offer]# })"
    COMPREPLY+=("$rest")
  done
  # A name waits for its value, a group for the rest of the command's name.
  [[ ${#offers[@]} -eq 1 && ${offers[0]} == *[=:] || ${offers[0]-} == *[a-z]- ]] && compopt -o nospace 2>/dev/null
}
