# What fits in one place of a command line.

# Offers words that begin like the current one: first what comes before each, then the words.
_xe_offer() {
  local before=$1 word
  for word in "${@:2}"; do
    [[ $before$word == "$cur"* && $word != *[[:cntrl:]]* ]] && offers+=("$before$word")
  done
}

# The same for the last part of a list with commas.
_xe_offer_list() {
  local value=${cur#*=}
  local done=
  [[ $value == *,* ]] && done=${value%,*},
  [[ $1 == nospace ]] && compopt -o nospace 2>/dev/null
  _xe_offer "${cur%%=*}=$done" "${@:2}"
}

# Offers uuids of a class; when they are only shown, with what people know the objects by.
_xe_offer_uuids() {
  local class=$1 before=$2 all=() line label uuid=
  case $class in snapshot | template) ;; *) all=(--all) ;; esac
  # Commands on one class alone take objects of that class alone.
  [[ -n ${3-} ]] && all=()
  if [[ $showing ]]; then
    while IFS= read -r line; do
      label=${line%%:*}
      label=${label%%(*}
      case ${label//[[:blank:]]/} in
        uuid)
          uuid=${line#*: }
          _xe_offer "$before" "$uuid"
          ;;
        name-label | vm-name-label | device | number) [[ -n $uuid ]] && notes[$before$uuid]+=" ${line#*: }" ;;
      esac
    done < <(_xe_ask "$class-list" "${all[@]}" params=uuid,name-label,number,vm-name-label,device)
  else
    _xe_minimal "$(_xe_ask "$class-list" "${all[@]}" --minimal params=uuid)"
    _xe_offer "$before" "${parts[@]}"
  fi
}

# Offers commands: groups of them as long as several fit, with what they do when they are only shown.
_xe_offer_commands() {
  local commands name group groups=()
  local -A seen=()
  _xe_commands
  _xe_offer '' "${commands[@]}"
  [[ $cur == *-* ]] || for name in "${offers[@]}"; do
    group=$name
    [[ $name == *-* ]] && group=${name%%-*}-
    [[ -n ${seen[$group]-} ]] || groups+=("$group")
    seen[$group]=1
  done
  if ((${#groups[@]} > 1)); then
    offers=("${groups[@]}")
  elif [[ $showing ]] && ((${#offers[@]} > 1)); then
    _xe_describe_commands
  fi
}

_xe_describe_commands() {
  local line name=
  while IFS= read -r line; do
    case $line in
      'command name '*) name=${line#*: } ;;
      *' description '*:*) [[ -n $name ]] && line=${line#*:} && notes[$name]=${line%%.*} ;;
    esac
  done < <(_xe_ask help "${offers[@]}")
}

# Offers names of parameters that are not there yet.
_xe_offer_names() {
  local required optional selectors selector name word names=()
  _xe_parameters "$command"
  names=("${required[@]}" "${optional[@]}")
  for selector in "${selectors[@]}"; do
    local parts=()
    _xe_fields "$selector"
    names+=("$selector" "${parts[@]}" multiple)
  done
  for name in "${names[@]}"; do
    case $name in
      *:contains) word=$name= ;;
      --* | *:) word=$name ;;
      *)
        word=$name=
        # Both forms mean the same: whoever has begun with the other one may go on.
        [[ $_xe_switches == *" $name "* && $command != *-list && $command != *-param-* && $cur != [a-z]* ]] && word=--$name
        ;;
    esac
    # Several keys of a map can be given; of anything else the first one counts.
    [[ $word != *: && " ${given[*]}" == *" $word"* ]] || _xe_offer '' "$word"
  done
  [[ $cur == -* ]] || return 0
  for word in --minimal --trace --force --nossl --debug --debug-on-fail; do
    [[ " ${given[*]} " == *" $word "* ]] || _xe_offer '' "$word"
  done
}

# Offers keys of a driver's configuration, for device-config:
_xe_offer_driver_keys() {
  local parts type part key
  type=$(_xe_given type) || return
  _xe_minimal "$(_xe_ask sm-list "type=$type" params=configuration --minimal)"
  local IFS=';'
  for part in ${parts[0]-}; do
    key=${part%%:*}
    _xe_offer "${cur%%:*}:" "${key//[[:blank:]]/}="
  done
}

# Offers what a host can put into its report.
_xe_offer_report_entries() {
  local parts text keys=()
  _xe_values pool master
  text=$(_xe_ask host-get-system-status-capabilities "uuid=${parts[0]-}")
  while [[ $text =~ key=\"([a-zA-Z0-9_-]+)\"(.*) ]]; do
    keys+=("${BASH_REMATCH[1]}")
    text=${BASH_REMATCH[2]}
  done
  _xe_offer_list nospace "${keys[@]}"
}

# Offers files. How to quote their names the shell knows.
_xe_offer_files() {
  local before=$1 files=() file
  mapfile -t files < <(compgen -f -- "${cur#"$before"}")
  for file in "${files[@]}"; do
    file=$before$file
    COMPREPLY+=("${file:${#head}}")
  done
  compopt -o filenames 2>/dev/null
}

# Offers values of the parameter that is being typed.
_xe_offer_values() {
  local name=${cur%%=*} class parts=()
  local before=$name=
  case $command:$name in
    *:params) _xe_class_of_command "$command" && _xe_fields "$class" && _xe_offer_list nospace all "${parts[@]}" ;;
    *:v[bd][di]-params) _xe_fields "${name%-params}" && _xe_offer_list nospace all "${parts[@]}" ;;
    *-param-add:param-name | *-param-remove:param-name)
      _xe_class_of_command "$command" && _xe_extensible_fields "$class" && _xe_offer "$before" "${parts[@]}"
      ;;
    *:param-name) _xe_class_of_command "$command" && _xe_fields "$class" && _xe_offer "$before" "${parts[@]}" ;;
    sr-create:type | sr-probe*:type | sr-introduce:type) _xe_values sm type && _xe_offer "$before" "${parts[@]}" ;;
    sr-*:content-type) _xe_offer "$before" user iso ;;
    vbd-create:mode) _xe_offer "$before" RO RW ;;
    vbd-create:type) _xe_offer "$before" CD Disk ;;
    bond-*:mode) _xe_offer "$before" active-backup balance-slb lacp ;;
    pif-reconfigure-ipv6:mode) _xe_offer "$before" autoconf dhcp none static ;;
    pif-reconfigure-ip:mode) _xe_offer "$before" dhcp none static ;;
    vif-*:locking-mode) _xe_offer "$before" disabled locked network_default unlocked ;;
    network-*:default-locking-mode) _xe_offer "$before" disabled unlocked ;;
    *:edition) _xe_minimal "$(_xe_ask host-all-editions --minimal)" && _xe_offer "$before" "${parts[@]}" ;;
    host-get-system-status:entries) _xe_offer_report_entries ;;
    host-get-system-status:output) _xe_offer "$before" tar tar.bz2 zip ;;
    *:data-source)
      local uuid chosen=()
      uuid=$(_xe_given uuid) && chosen=("uuid=$uuid")
      _xe_minimal "$(_xe_ask "${command%%-*}-data-source-list" --minimal "${chosen[@]}")" && _xe_offer "$before" "${parts[@]}"
      ;;
    *:filename | *:file-name | *-filename | *-file | *:file | *-path) _xe_offer_files "$before" ;;
    *-list:uuid) _xe_class_of_command "$command" && _xe_offer_uuids "$class" "$before" ;;
    *:uuid) _xe_class_of_command "$command" && _xe_offer_uuids "$class" "$before" own ;;
    *-uuid | *-SR) _xe_class_of_parameter "${name%-uuid}" && _xe_offer_uuids "$class" "$before" ;;
    *-uuids) _xe_class_of_parameter "${name%-uuids}" && _xe_values "$class" uuid && _xe_offer_list nospace "${parts[@]}" ;;
    *-list:*) _xe_class_of_command "$command" && _xe_values "$class" "$name" && _xe_offer "$before" "${parts[@]}" ;;
    *:vm | *:host | *:sr | *:template) _xe_values "$name" name-label && _xe_offer "$before" "${parts[@]}" ;;
    *:on) _xe_values host name-label && _xe_offer "$before" "${parts[@]}" ;;
    *:cd-name) _xe_values cd name-label && _xe_offer "$before" "${parts[@]}" ;;
    *) _xe_offer_filter_values "$name" ;;
  esac
}

# Offers values of a field that chooses the objects of a command, or yes and no.
_xe_offer_filter_values() {
  local name=$1 required optional selectors selector
  case " $_xe_switches is-a-template shared managed unpluggable bootable read-only sharable currently-attached disallow-unplug " in
    *" $name "*)
      _xe_offer "$name=" true false
      return
      ;;
  esac
  _xe_parameters "$command"
  case " ${required[*]} ${optional[*]} " in *" $name "*) return ;; esac
  for selector in "${selectors[@]}"; do
    _xe_values "$selector" "$name" && _xe_offer "$name=" "${parts[@]}"
  done
}
