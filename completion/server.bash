# What the server knows.

# Asks the server. Whatever goes wrong, there is nothing to offer then.
_xe_ask() {
  local patience=()
  type -P timeout >/dev/null && patience=(timeout "$_xe_patience")
  "${patience[@]}" "$program" "${connection[@]}" "$@" 2>/dev/null </dev/null
}

# The same for what does not change. Sets answer.
_xe_ask_once() {
  local key="$program ${connection[*]} $*"
  [[ -n ${_xe_answers[$key]-} ]] || _xe_answers[$key]=$(_xe_ask "$@")
  answer=${_xe_answers[$key]}
}

# The parts of an answer to --minimal. Sets parts.
_xe_minimal() {
  local text=$1 part IFS=,
  parts=()
  [[ -n $text ]] || return 0
  text=${text//'\\'/$'\001'}
  text=${text//'\,'/$'\002'}
  read -r -d '' -a parts <<<"$text"
  ((${#parts[@]} > 0)) && parts[-1]=${parts[-1]%$'\n'}
  if [[ $text == *[$'\001\002']* ]]; then
    local i
    for i in "${!parts[@]}"; do
      part=${parts[i]//$'\002'/,}
      parts[i]=${part//$'\001'/\\}
    done
  fi
}

# Sets commands.
_xe_commands() {
  local answer parts
  _xe_ask_once help --minimal --all
  _xe_minimal "$answer"
  commands=("${parts[@]}")
}

# Whether something is a class: other lists, such as vm-disk-list, are of what several objects have.
_xe_is_class() {
  local IFS=,
  case $1:,${commands[*]}, in
    cd:* | *,"$1"-param-list,*) return 0 ;;
    *) return 1 ;;
  esac
}

# Sets required, optional (as help names them) and selectors of a command.
_xe_parameters() {
  local answer line text
  required=() optional=() selectors=()
  _xe_ask_once help "$1"
  while IFS= read -r line; do
    [[ $line == *:* ]] || continue
    text=${line#*:}
    case ${line%%:*} in
      *'reqd params'*) _xe_names required "$text" ;;
      *'optional params'*) _xe_names optional "$text" ;;
    esac
  done <<<"$answer"
}

_xe_names() {
  local -n list=$1
  local name names IFS=', '
  read -r -a names <<<"$2"
  for name in "${names[@]}"; do
    case $name in
      '<'*'-selectors>') name=${name#<} selectors+=("${name%-selectors>}") ;;
      *['<>']* | *...* | '') ;;
      *) list+=("$name") ;;
    esac
  done
}

# The class that a command is about: the longest beginning of its name that is one. Sets class.
_xe_class_of_command() {
  local commands
  class=$1
  _xe_commands
  while [[ -n $class ]]; do
    _xe_is_class "$class" && return
    [[ $class == *-* ]] || break
    class=${class%-*}
  done
  class=
  return 1
}

# The class that a parameter such as suspend-image-sr-uuid names: the longest end of its name that is one. Sets class.
_xe_class_of_parameter() {
  local commands
  class=${1,,}
  _xe_commands
  while [[ -n $class ]]; do
    _xe_is_class "$class" && return
    [[ $class == *-* ]] || break
    class=${class#*-}
  done
  class=
  return 1
}

# Values of one field of a class. Sets parts.
_xe_values() {
  local part kept=()
  local -A seen=()
  _xe_minimal "$(_xe_ask "$1-list" --minimal "params=$2" "${@:3}")"
  for part in "${parts[@]}"; do
    [[ -z $part || $part == '<not in database>' || -n ${seen[$part]-} ]] && continue
    seen[$part]=1
    kept+=("$part")
  done
  parts=("${kept[@]}")
}

# Fields of a class that can be shown. Sets parts.
_xe_fields() {
  local required optional selectors name
  parts=()
  _xe_parameters "$1-list"
  for name in "${optional[@]}"; do
    case $name in
      params | *:*) ;;
      *) parts+=("$name") ;;
    esac
  done
}

# Fields of a class to which single members or keys can be added: the object itself says so. Sets parts.
_xe_extensible_fields() {
  local class=$1 uuid line label
  parts=()
  if ! uuid=$(_xe_given uuid); then
    _xe_values "$class" uuid
    uuid=${parts[0]-}
    parts=()
  fi
  while IFS= read -r line; do
    label=${line%%:*}
    [[ $label == *'('[SM]RW')'* && $label != *'[DEPRECATED]'* ]] || continue
    label=${label%%(*}
    parts+=("${label//[[:blank:]]/}")
  done < <(_xe_ask "$class-list" params=all "uuid=$uuid")
}
