# Completion of tenantry for bash: source <(tenantry completion bash)
_tenantry() {
  local word line kind='' joined=no
  local -a words=()
  # bash splits words at "=", the program wants --flag=value whole.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if ((${#words[@]} > 0)) && [[ $word == = && ${words[-1]} == --* && ${words[-1]} != *=* ]]; then
      words[-1]+='='
      joined=yes
    elif [[ $joined == yes ]]; then
      words[-1]+=$word
      joined=no
    else
      words+=("$word")
    fi
  done
  local current=${words[-1]-}
  current=${current#[\'\"]}
  ((${#words[@]} > 0)) && words[-1]=$current
  local value=$current
  [[ $current == --*=* ]] && value=${current#*=}

  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then
      kind=$line
    else
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <("${COMP_WORDS[0]/#\~\//$HOME/}" __complete "${words[@]}" 2>/dev/null)
  case $kind in
    names) compopt -o nospace 2>/dev/null ;;
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$value")
      ;;
    folders)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$value")
      ;;
  esac
}
complete -F _tenantry tenantry
